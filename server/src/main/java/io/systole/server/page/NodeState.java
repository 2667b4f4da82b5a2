// SPDX-License-Identifier: Apache-2.0
package io.systole.server.page;

import io.systole.server.cluster.ClusterStatus;
import io.systole.server.endpoint.Readiness.WaitingTime;
import io.systole.server.eviction.EvictionRules;
import io.systole.server.eviction.EvictionText;
import io.systole.server.eviction.ProtectionRule;
import io.systole.server.eviction.RenewalDelays.RenewalDelaySummary;
import io.systole.server.eviction.SelfPreservation;
import io.systole.server.management.ClusterEndpoint.ClusterDescription;
import io.systole.server.management.NodeDescription;
import io.systole.server.peer.PeerStatus;
import io.systole.server.registry.LeaseInspector;
import io.systole.server.store.StoreCounters.Degradation;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The figures of the node in JSON, and their rates since the last reading. Not thread-safe. */
final class NodeState {
  private static final double NS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

  /** Less than two ticks. */
  private static final long LATE_MS = 1_500;

  /** The counters at a point in time. */
  private record Reading(long atNs, long renewals, long requests) {}

  private final PageSources sources;
  private final PacedValue<ExpiredLeases> expired;
  private final PacedValue<Integer> late;
  private @Nullable Reading last;

  /** @param expired the present ones */
  NodeState(PageSources sources, PacedValue<ExpiredLeases> expired) {
    this.sources = sources;
    this.expired = expired;
    this.late = new PacedValue<>(this::lateCount, sources.clock(), LATE_MS);
  }

  /** Returns the number of valid leases whose renewal is overdue. */
  private int lateCount() {
    long nowNs = sources.clock().monotonicNs();
    int[] count = new int[1];
    sources.registry().inspector().forEachInstance((document, override, deadlineNs, contactNs) -> {
      count[0] += LeaseInspector.isLate(document, deadlineNs, contactNs, nowNs) ? 1 : 0;
    });
    return count[0];
  }

  /** Returns what does not change while the node runs; an empty object before it serves. */
  ObjectNode description() {
    NodeDescription node = sources.node().get();
    ObjectNode document = PageJson.object();
    if (node == null) {
      return document;
    }
    document
        .put("version", node.version())
        .put("revision", node.revision())
        .put("startedAtMs", node.startedAtMs())
        .put("host", node.host())
        .put("pid", node.pid())
        .put("jdk", node.jvm().version())
        .put("dataDirectory", node.dataDirectory());
    node.putPaths(document);
    document.put("isManaged", node.isManaged());
    node.putOptions(document);
    return document;
  }

  /**
   * Returns the current figures; the rates are null the first time.
   *
   * @param applications their number
   */
  ObjectNode read(int applications) {
    ExpiredLeases now = expired.get();
    Reading reading = new Reading(
        sources.clock().monotonicNs(),
        sources.registry().renewal().count(),
        sources.counters().requests());
    ObjectNode document = PageJson.object()
        .put("atMs", sources.clock().wallMs())
        .put("renewals", reading.renewals())
        .put("leases", sources.registry().leaseCount())
        .put("applications", applications)
        .put("expired", now.decision().expired())
        .put("late", late.get());
    putRates(reading, document);
    RenewalDelaySummary delays = sources.evictor().renewalDelays().overall();
    document.put("delayP50Ms", delays.medianMs()).put("delayP99Ms", delays.p99Ms());
    putProcess(document);
    putProtections(now, document);
    putSelfPreservation(now, document.putObject("selfPreservation"));
    ArrayNode peers = document.putArray("peers");
    sources.peers().get().forEach(peer -> putPeer(peer, peers.addObject()));
    putCluster(document);
    putHealth(document);
    return document;
  }

  private void putRates(Reading reading, ObjectNode document) {
    Reading before = last;
    last = reading;
    double secs = before == null ? 0 : (reading.atNs() - before.atNs()) / NS_PER_SECOND;
    if (before == null || secs <= 0) {
      document.putNull("renewalsPerSecond").putNull("requestsPerSecond");
    } else {
      document
          .put("renewalsPerSecond", perSecond(reading.renewals() - before.renewals(), secs))
          .put("requestsPerSecond", perSecond(reading.requests() - before.requests(), secs));
    }
  }

  private static double perSecond(long count, double secs) {
    return Math.round(10 * count / secs) / 10.0;
  }

  private void putProcess(ObjectNode document) {
    Runtime runtime = Runtime.getRuntime();
    document
        .put("connections", sources.counters().connectionsOpen())
        .put("loopLagMs", TimeUnit.NANOSECONDS.toMicros(sources.loopLagNs().getAsLong()) / 1000.0)
        .put("heapUsedBytes", runtime.totalMemory() - runtime.freeMemory())
        .put("heapMaxBytes", runtime.maxMemory());
    long files = sources.openFiles().getAsLong();
    if (files < 0) {
      document.putNull("openFiles");
    } else {
      document.put("openFiles", files);
    }
  }

  private static void putProtections(ExpiredLeases expired, ObjectNode document) {
    int sum = 0;
    ObjectNode rules = PageJson.object();
    var counts = expired.protectedByRule();
    for (ProtectionRule rule : ProtectionRule.values()) {
      int count = counts.getOrDefault(rule, 0);
      rules.put(PageJson.nameOf(rule), count);
      sum += count;
    }
    document.put("protected", sum).set("protectedByRule", rules);
  }

  private static void putSelfPreservation(ExpiredLeases expired, ObjectNode node) {
    SelfPreservation preservation = expired.decision().selfPreservation();
    node.put("isActive", preservation.isActive())
        .put("isEnabled", preservation.isEnabled())
        .put("summary", EvictionText.selfPreservation(preservation, expired.protectedByRule()))
        .put("renewalsObserved", preservation.renewals())
        .put("renewalsExpected", preservation.renewalsExpected())
        .put("renewalsThreshold", preservation.threshold())
        .put("renewalShare", preservation.share());
    preservation.renewalsMissing().ifPresent(missing -> node.put("renewalsMissing", missing));
    if (preservation.releasingShare().orElse(0) >= EvictionRules.SHARE_MIN) {
      node.put("releasedByShare", preservation.releasingShare().getAsDouble());
    }
  }

  private static void putPeer(PeerStatus peer, ObjectNode node) {
    node.put("url", peer.url().toString())
        .put("address", peer.address().getAddress().getHostAddress())
        .put("state", PageJson.nameOf(peer.state()))
        .put("lagMs", peer.lagMs())
        .put("due", peer.dueSlots())
        .put("lastFailure", peer.lastFailure());
  }

  /** Without a native cluster there is no such member. */
  private void putCluster(ObjectNode document) {
    ClusterDescription cluster = sources.cluster().get();
    if (cluster == null) {
      return;
    }
    ObjectNode node = document
        .putObject("cluster")
        .put("name", cluster.name())
        .put("view", cluster.status().viewNumber())
        .put("isComplete", cluster.status().isComplete())
        .put("membersExpected", cluster.membersExpected());
    ArrayNode members = node.putArray("members");
    for (ClusterStatus.Member member : cluster.status().members()) {
      members
          .addObject()
          .put("name", member.id().name())
          .put("url", member.url())
          .put("isSelf", member.isSelf())
          .put("isComplete", member.isComplete())
          .put("isDraining", member.isDraining())
          .put("protocolMax", member.protocolMax())
          .put("lastBeatMs", member.lastBeatMs());
    }
  }

  private void putHealth(ObjectNode document) {
    Degradation degradation = sources.degradation().get();
    ObjectNode store = document.putObject("store").put("isDegraded", degradation != null);
    if (degradation != null) {
      store.put("reason", degradation.reason());
    }
    WaitingTime waiting = sources.waiting().get();
    ObjectNode reads = document.putObject("reads").put("isWaiting", waiting != null);
    if (waiting != null) {
      reads.put("untilMs", waiting.untilMs());
    }
  }
}
