// SPDX-License-Identifier: Apache-2.0
package io.systole.server.monitoring;

import io.systole.server.endpoint.Readiness.WaitingTime;
import io.systole.server.peer.PeerStatus;
import io.systole.server.peer.PeerStatus.LinkState;
import io.systole.server.store.StoreCounters.Degradation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The health of the node, for probes. Thread-safe. */
public final class NodeHealth {
  /** The phase of a node's run. */
  public enum RunPhase {
    /** It listens, but does not serve yet. */
    LOADING,
    /** It serves. */
    SERVING,
    /** It is stopping. */
    DRAINING
  }

  /** The kind of a limitation. */
  enum LimitationKind {
    LOADING(true),
    DRAINING(true),
    WAITING_FOR_CLUSTER(true),
    DISK_DEGRADED(false),
    BEHIND_PEERS(false),
    READS_WAIT(false);

    /**
     * Whether a load balancer should send no requests. Heartbeats need neither the disk nor the
     * peers nor reads, but would fail if the node were taken out of service.
     */
    final boolean isUnready;

    LimitationKind(boolean isUnready) {
      this.isUnready = isUnready;
    }
  }

  /**
   * A limitation of the node.
   *
   * @param reason a sentence without names of peers, as probes need no credentials
   */
  record Limitation(LimitationKind kind, String reason) {}

  private final Supplier<RunPhase> phase;
  private final Supplier<@Nullable Degradation> journal;
  private final Supplier<@Nullable WaitingTime> reads;
  private final Supplier<List<PeerStatus>> peers;
  private final BooleanSupplier isClusterAwaited;

  /**
   * @param journal returns the degradation of the journal, or null
   * @param reads returns the time in which reads are refused, or null
   * @param isClusterAwaited returns whether the registry of a native cluster is still to arrive
   */
  public NodeHealth(
      Supplier<RunPhase> phase,
      Supplier<@Nullable Degradation> journal,
      Supplier<@Nullable WaitingTime> reads,
      Supplier<List<PeerStatus>> peers,
      BooleanSupplier isClusterAwaited) {
    this.phase = phase;
    this.journal = journal;
    this.reads = reads;
    this.peers = peers;
    this.isClusterAwaited = isClusterAwaited;
  }

  /** Returns the present limitations, in the order of their kinds. */
  List<Limitation> limitations() {
    List<Limitation> found = new ArrayList<>();
    switch (phase.get()) {
      case LOADING -> found.add(new Limitation(LimitationKind.LOADING, "The node is starting."));
      case DRAINING ->
        found.add(new Limitation(
            LimitationKind.DRAINING, "The node is stopping; it serves until its timeout."));
      case SERVING -> {}
    }
    if (isClusterAwaited.getAsBoolean()) {
      found.add(new Limitation(
          LimitationKind.WAITING_FOR_CLUSTER, "Waiting for the registry of the cluster."));
    }
    Degradation degradation = journal.get();
    if (degradation != null) {
      found.add(new Limitation(
          LimitationKind.DISK_DEGRADED,
          "Changes are not persisted as configured since "
              + Instant.ofEpochMilli(degradation.sinceMs()) + ": " + degradation.reason() + "."));
    }
    long comparing =
        peers.get().stream().filter(peer -> peer.state() == LinkState.COMPARING).count();
    if (comparing > 0) {
      found.add(new Limitation(
          LimitationKind.BEHIND_PEERS,
          "The registry is being compared with " + comparing + (comparing == 1 ? " peer" : " peers")
              + ", and may lack instances of theirs."));
    }
    WaitingTime waitingTime = reads.get();
    if (waitingTime != null) {
      found.add(new Limitation(
          LimitationKind.READS_WAIT,
          "Reads of the registry are refused until " + Instant.ofEpochMilli(waitingTime.untilMs())
              + ": " + waitingTime.reason() + "."));
    }
    return found;
  }

  /** Returns whether the node should receive requests, with these limitations. */
  static boolean isReady(List<Limitation> limitations) {
    return limitations.stream().noneMatch(limitation -> limitation.kind.isUnready);
  }
}
