// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.netty.channel.EventLoop;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.time.Clock;
import io.systole.server.endpoint.StatusEndpoint;
import io.systole.server.peer.PeerConnector;
import io.systole.server.peer.PeerSettings;
import io.systole.server.peer.PeerStatus;
import io.systole.server.peer.PeerStatus.LinkState;
import io.systole.server.peer.Peers;
import io.systole.server.peer.RenewalCollector;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RenewedSlots;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The node as a member of a cluster: its peers, the renewals recorded for them, and the instance
 * that stands for the node itself. A node without configured peers is a member without peers.
 */
final class ClusterMember implements AutoCloseable {
  /** The time that a stopping node has to send its last changes to its peers. */
  private static final long DRAIN_MS = 2_000;

  private final PeerSettings settings;
  private final Registry registry;
  private final Clock clock;
  private final RenewalCollector renewals = new RenewalCollector();
  private final Peers peers;
  private @Nullable SelfRegistration selfRegistration;

  /**
   * Creates a member that does not replicate yet.
   *
   * @param connector closed with the member
   * @param onLinks receives the current links whenever they may have changed
   */
  ClusterMember(
      PeerSettings settings,
      PeerConnector connector,
      Registry registry,
      Clock clock,
      String runId,
      Consumer<List<Supplier<PeerStatus>>> onLinks) {
    this.settings = settings;
    this.registry = registry;
    this.clock = clock;
    this.peers = new Peers(settings, connector, registry, clock, runId, renewals);
    peers.onLinks(onLinks);
  }

  /** Returns the recorder of an event loop's renewals; without peers it records nothing. */
  RenewedSlots recorderOf(EventLoop loop) {
    return settings.hasPeers() ? renewals.add(loop) : RenewedSlots.NONE;
  }

  /** Returns the recorder of the current event loop. */
  RenewedSlots recorderOfCurrentThread() {
    return renewals.ofCurrentThread();
  }

  /** Returns the states of the links to peers. */
  List<PeerStatus> statuses() {
    return peers.statuses();
  }

  /** Returns the URLs of the peers, as the status document shows them. */
  StatusEndpoint.Replicas replicas() {
    Map<Boolean, List<String>> urls = statuses().stream()
        .collect(Collectors.partitioningBy(
            peer -> peer.state() == LinkState.UP,
            Collectors.mapping(peer -> peer.url().toString(), Collectors.toList())));
    return new StatusEndpoint.Replicas(
        urls.getOrDefault(true, List.of()), urls.getOrDefault(false, List.of()));
  }

  /** The peers, for tests. */
  Peers peers() {
    return peers;
  }

  /**
   * Loads the registry of a peer before the node serves, so that it never serves a part of it. If
   * no peer returns one, tries on in the background.
   *
   * @param waitMs how long to try in the background
   * @param onLoaded run when a registry has been loaded
   */
  void load(long waitMs, Runnable onLoaded) {
    if (!settings.hasPeers()) {
      return;
    }
    if (peers.load()) {
      onLoaded.run();
    } else if (waitMs > 0) {
      peers.keepLoading(waitMs, onLoaded);
    }
  }

  /**
   * Starts to replicate, and registers the node as an instance if configured.
   *
   * @param port the port on which the node listens
   * @param self the node as an instance
   * @param loop an event loop of the node, whose renewals are replicated
   */
  void start(int port, InstanceInfo self, EventLoop loop) {
    peers.start(port);
    if (!settings.isSelfRegistered()) {
      return;
    }
    SelfRegistration registration = new SelfRegistration(registry, clock, self);
    selfRegistration = registration;
    var unused = loop.scheduleWithFixedDelay(
        () -> registration.renew(this::recorderOfCurrentThread),
        0,
        SelfRegistration.INTERVAL_MS,
        TimeUnit.MILLISECONDS);
  }

  /** Replaces the configured URLs of the peers, if the node was started with any. */
  void reload(PeerSettings next) {
    if (settings.hasPeers()) {
      peers.reload(next);
    }
  }

  /** Cancels the registration of the node itself. */
  void cancelSelf() {
    if (selfRegistration != null) {
      selfRegistration.cancel();
    }
  }

  /** Sends the last changes to the peers. */
  void drain() throws InterruptedException {
    peers.drain(DRAIN_MS);
  }

  /** Stops replicating at once. */
  @Override
  public void close() {
    peers.close();
  }
}
