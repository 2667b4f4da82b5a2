// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.codec.MalformedDocumentException;
import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.http.QueryParameters;
import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.server.endpoint.ReplicationBatchEndpoint;
import io.systole.server.endpoint.RequestBodyDecoder;
import io.systole.server.metrics.Counters;
import io.systole.server.registry.ByteBounds;
import io.systole.server.registry.LeaseKey.LookupKey;
import io.systole.server.registry.LeaseRules;
import io.systole.server.registry.Origin;
import io.systole.server.registry.PersistedLease;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.registry.RenewOutcome;
import io.systole.server.registry.RenewedSlots;
import io.systole.server.route.Request;
import io.systole.server.route.Response;
import io.systole.server.time.ManualClock;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A node with a real registry and a real receiver of batches, without sockets. */
final class SimulatedNode {
  /** About six changes, so that a link that is cut for some steps loses its position. */
  private static final ByteBounds BOUNDS = new ByteBounds(10_000, 1_000_000, 4_000);

  private static final JsonCodec CODEC = new JsonCodec();

  final int index;
  final List<SimulatedLink> links = new ArrayList<>();
  private final ManualClock clock;
  private RenewedSlots renewed = new RenewedSlots();
  private Registry registry;
  private ReplicationBatchEndpoint endpoint;

  SimulatedNode(int index, ManualClock clock) {
    this.index = index;
    this.clock = clock;
    this.registry = newRegistry();
    this.endpoint = newEndpoint();
  }

  private Registry newRegistry() {
    return new Registry(
        new RegistrySettings(1_000, true, 180_000, 1_000, LeaseRules.STOCK, BOUNDS), clock);
  }

  private ReplicationBatchEndpoint newEndpoint() {
    return new ReplicationBatchEndpoint(
        registry,
        new RequestBodyDecoder(1 << 20),
        clock,
        new Counters(),
        () -> RenewedSlots.NONE,
        "node-" + index);
  }

  /**
   * Restarts the node as its start-up does: with the leases of its data directory, then with those
   * of a peer.
   */
  void restart(List<PersistedLease> journal, SimulatedNode source) {
    registry = newRegistry();
    registry.restore(journal);
    endpoint = newEndpoint();
    renewed = new RenewedSlots();
    RegistryDownload download = new RegistryDownload(registry, clock);
    try {
      CODEC.decodeInstances(
          new ByteArrayInputStream(source.document()),
          clock.wallMs(),
          instance -> download.register(instance, true));
    } catch (MalformedDocumentException malformed) {
      throw new IllegalStateException(malformed);
    }
    links.forEach(SimulatedLink::restart);
  }

  Registry registry() {
    return registry;
  }

  /** Returns the leases as a data directory has them. */
  List<PersistedLease> journal() {
    List<PersistedLease> leases = new ArrayList<>();
    registry.forEachLease(leases::add);
    return leases;
  }

  RenewOutcome renew(InstanceKey key, long dirtyMs) {
    return registry
        .renewal()
        .renew(LookupKey.of(key), clock.monotonicNs(), dirtyMs, Origin.CLIENT, renewed);
  }

  /** Passes the renewed slots to the links, as the peer thread does periodically. */
  void collectRenewals() {
    long[] words = renewed.take();
    if (words.length > 0) {
      links.forEach(link -> link.addRenewalsDue(words));
    }
  }

  /** Applies a batch and returns the body of the response. */
  byte[] receive(byte[] batch) {
    Request request = new Request(
            HttpMethod.POST,
            Map.of(),
            QueryParameters.EMPTY,
            Map.of("content-type", "application/json"))
        .withBody(batch);
    Response response = endpoint.handle(request);
    if (response.status() != 200) {
      throw new AssertionError("batch refused with status " + response.status());
    }
    return response.bytes();
  }

  /** Returns the full registry as peers download it. */
  byte[] document() {
    Map<String, List<InstanceInfo>> apps = new TreeMap<>();
    for (PersistedLease lease : journal()) {
      apps.computeIfAbsent(lease.instance().app(), app -> new ArrayList<>()).add(lease.instance());
    }
    return CODEC.encodeApplications(
        new Applications(
            "1",
            "",
            apps.entrySet().stream()
                .map(app -> new Application(app.getKey(), app.getValue()))
                .toList()),
        Form.FULL);
  }

  /** Returns whether all changes of the node have been sent and accepted. */
  boolean isSettled() {
    collectRenewals();
    return links.stream().allMatch(SimulatedLink::isIdle);
  }

  /** Returns what all nodes must have in common, one line for each instance. */
  List<String> state() {
    return journal().stream()
        .sorted(Comparator.comparing(lease -> lease.instance().key().toString()))
        .map(lease -> lease.instance().key() + " dirty=" + lease.instance().lastDirtyMs()
            + " status=" + lease.instance().status() + " override=" + lease.override()
            + " shown=" + lease.instance().overriddenStatus()
            + " metadata=" + new TreeMap<>(lease.instance().metadata()))
        .toList();
  }
}
