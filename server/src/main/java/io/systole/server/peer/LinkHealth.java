// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.systole.client.net.Backoff;
import io.systole.protocol.model.EscapedText;
import io.systole.protocol.model.ReplicationItem.Action;
import io.systole.protocol.time.Clock;
import io.systole.server.peer.PeerStatus.LinkState;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state of a link as operators see it, with the outages of its peer. Written by the peer
 * thread, read by any.
 */
final class LinkHealth {
  /*
   * Fields without a comment are volatile. An outage begins with the first failure and ends with
   * success; the log has one line on each, and one on each other reason of an outage, unless a peer
   * alternates between them.
   */

  private static final Logger LOG = LoggerFactory.getLogger(LinkHealth.class);

  private final URI url;
  private final InetSocketAddress address;
  private final Clock clock;
  private final PeerCounters counters;

  // Confined to the peer thread.
  private final Backoff backoff;

  /** The state in the last line of the log, null for none or one on SELF or DUPLICATE. */
  private @Nullable LinkState reported;

  /** The reason in the last line on an outage. */
  private @Nullable String reportedFailure;

  /** The id in the last warning that another link leads to the same node. */
  private @Nullable String reportedNode;

  private final WarningLimit outages;
  private final WarningLimit sharedNodes;
  private final WarningLimit refusals;

  private volatile LinkState state = LinkState.DOWN;
  private volatile @Nullable String nodeId;
  private volatile long lastSuccessMs;
  private volatile int dueSlots;
  private volatile int lastDifference = -1;
  private volatile @Nullable String lastFailure;

  LinkHealth(PeerAddress peer, Clock clock, PeerCounters counters, LinkTimings timings) {
    this.url = peer.server().url();
    this.address = peer.address();
    this.clock = clock;
    this.counters = counters;
    this.backoff =
        new Backoff(timings.backoffMsMin(), timings.backoffMsMax(), new SplittableRandom());
    this.outages = new WarningLimit(clock);
    this.sharedNodes = new WarningLimit(clock);
    this.refusals = new WarningLimit(clock);
  }

  LinkState state() {
    return state;
  }

  /** Moves to a state that is not the result of a failure. */
  void enter(LinkState next) {
    state = next;
  }

  /** Returns whether the link has reached its peer and no request has failed since. */
  boolean isActive() {
    return state == LinkState.UP || state == LinkState.COMPARING;
  }

  /**
   * Returns whether this node, another link, or another member of the cluster makes it needless.
   */
  boolean isStandby() {
    return switch (state) {
      case SELF, DUPLICATE, STANDBY -> true;
      case DOWN, COMPARING, UP, CLOSED -> false;
    };
  }

  /** Records the id in the last response, null from stock servers. */
  void reached(@Nullable String id) {
    nodeId = id;
  }

  /** Returns the id of the node that the link leads to, null if unknown. */
  @Nullable
  String nodeId() {
    return nodeId;
  }

  /** Ends replication to this node itself, or to a node that has another link. */
  void standBy(LinkState reason) {
    if (state != reason) {
      LOG.info("peer is {} url={} address={}", reason, url, address);
    }
    state = reason;
    reported = null;
  }

  /** Ends replication, and an outage, because another member of the cluster is elected. */
  void standByForMember() {
    if (reported != LinkState.STANDBY) {
      reported = LinkState.STANDBY;
      LOG.info("another member replicates to peer url={} address={}", url, address);
    }
    state = LinkState.STANDBY;
    lastFailure = null;
    dueSlots = 0;
  }

  /** Ends an outage. */
  void succeeded() {
    lastSuccessMs = clock.wallMs();
    lastFailure = null;
    backoff.reset();
    if (reported != LinkState.UP) {
      reported = LinkState.UP;
      LOG.info("replicating to peer url={} address={} node={}", url, address, printableNodeId());
    }
  }

  /**
   * Begins or continues an outage.
   *
   * @param text the reason, which may contain text of the peer
   * @return the delay before the next attempt, ms
   */
  long failed(String text) {
    String reason = PeerFailureReason.truncated(text);
    boolean isReported = reported == LinkState.DOWN && reason.equals(reportedFailure);
    if (!isReported && outages.permits()) {
      reported = LinkState.DOWN;
      reportedFailure = reason;
      LOG.warn(
          "peer is down url={} address={} omitted={}: {}",
          url,
          address,
          outages.takeOmitted(),
          EscapedText.line(reason));
    }
    lastFailure = reason;
    state = LinkState.DOWN;
    return backoff.nextMs();
  }

  /** Records a comparison that found a number of differences. */
  void compared(int differences) {
    lastDifference = differences;
    if (differences > 0) {
      LOG.info("peer differs url={} address={} instances={}", url, address, differences);
    }
  }

  /**
   * Records that another link replicates to a node with the same id. Both go on: the id is public,
   * so either of the two may be another server that sends it, and a node takes the same changes
   * from two links without harm.
   */
  void sharesNode(InetSocketAddress other) {
    String shared = nodeId;
    if (shared != null && !shared.equals(reportedNode) && sharedNodes.permits()) {
      reportedNode = shared;
      LOG.warn(
          "two addresses send the same node id, replicating to both url={} address={} other={}"
              + " node={}",
          url,
          address,
          other,
          printableNodeId());
    }
  }

  private @Nullable String printableNodeId() {
    String id = nodeId;
    return id == null ? null : EscapedText.token(id);
  }

  /** Records an item that the peer will never accept. */
  void dropped(@Nullable Action action, int status) {
    if (refusals.permits()) {
      LOG.warn(
          "peer refuses an item, dropped url={} address={} omitted={} status={} item={}",
          url,
          address,
          refusals.takeOmitted(),
          status,
          action);
    }
  }

  /** Records the number of leases with a renewal or a difference to send. */
  void measured(int slots) {
    dueSlots = slots;
  }

  /**
   * Returns the state for operators.
   *
   * @param lagNs the age of the oldest change that the peer has not accepted
   */
  PeerStatus status(long lagNs) {
    return new PeerStatus(
        url,
        address,
        state,
        nodeId,
        lastSuccessMs,
        TimeUnit.NANOSECONDS.toMillis(lagNs),
        dueSlots,
        lastDifference,
        lastFailure,
        counters);
  }
}
