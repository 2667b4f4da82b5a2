// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.systole.server.metrics.Counters.Limit;
import io.systole.server.metrics.Counters.Resource;
import io.systole.server.route.SourceAddress;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The slots of one stage of TLS handshakes: a limit in total and one per source address. At a
 * limit, a new handshake takes the slot of the oldest one that waits for its client, so that idle
 * connections cannot keep others from the server. Thread-safe.
 */
final class HandshakeSlots {
  /*
   * A handshake is dropped only after it has waited for its client for a grace period. Without the
   * period, a fleet that connects at once would push out handshakes which are about to succeed,
   * and none might ever complete; those that wait for the server's own threads are never dropped.
   *
   * All but the limits is guarded by the monitor, which is taken twice in a handshake; the
   * cryptography takes a thousand times as long. Private methods are called with it.
   */

  /** A connection in this stage. Called by any thread. */
  interface Holder {
    SourceAddress source();

    /** Returns whether the client has sent nothing of use for at least this time. */
    boolean hasWaited(long durationNs, long nowNs);

    /** Closes the connection, later. */
    void drop();
  }

  private static final Logger LOG = LoggerFactory.getLogger(HandshakeSlots.class);
  private static final long LOG_INTERVAL_NS = TimeUnit.MINUTES.toNanos(1);

  private final Resource resource;
  private final int max;
  private final long graceNs;
  private volatile int sourceMax;

  /** The holders, from the oldest. */
  private final Set<Holder> holders = new LinkedHashSet<>();

  private final Map<SourceAddress, Integer> heldBySource = new HashMap<>();

  private boolean hasLogged;

  private long loggedNs;

  /**
   * @param max slots, 1 or more
   * @param sourceMax slots of one source, 1..max
   * @param graceNs time that a handshake may wait for its client before it can be dropped
   */
  HandshakeSlots(Resource resource, int max, int sourceMax, long graceNs) {
    this.resource = resource;
    this.max = max;
    this.sourceMax = sourceMax;
    this.graceNs = graceNs;
  }

  /**
   * The outcome of an attempt to take a slot.
   *
   * @param isTaken false if the connection must be closed
   * @param reached the limit at which the attempt was made; null if there was a free slot
   */
  record Attempt(boolean isTaken, @Nullable Limit reached) {
    private static final Attempt FREE = new Attempt(true, null);
  }

  /** Takes a slot, which {@link #release} returns. */
  Attempt take(Holder holder, long nowNs) {
    Attempt attempt;
    boolean isLogged;
    synchronized (this) {
      Limit reached = limitReached(holder.source());
      attempt = reached == null
          ? Attempt.FREE
          : new Attempt(dropOldest(reached, holder.source(), nowNs), reached);
      if (attempt.isTaken()) {
        holders.add(holder);
        heldBySource.merge(holder.source(), 1, Integer::sum);
      }
      isLogged = reached != null && isLogDue(nowNs);
    }
    if (isLogged) {
      LOG.warn(
          "too many TLS handshakes, closing those that wait for their clients resource={} limit={}"
              + " source={}; logged at most once a minute",
          resource,
          attempt.reached(),
          holder.source());
    }
    return attempt;
  }

  private @Nullable Limit limitReached(SourceAddress source) {
    if (heldBySource.getOrDefault(source, 0) >= sourceMax) {
      return Limit.SOURCE;
    }
    return holders.size() >= max ? Limit.TOTAL : null;
  }

  /** Drops the oldest holder that may be dropped, of the source if its limit is reached. */
  private boolean dropOldest(Limit reached, SourceAddress source, long nowNs) {
    for (Holder holder : holders) {
      if ((reached == Limit.TOTAL || holder.source().equals(source))
          && holder.hasWaited(graceNs, nowNs)) {
        release(holder);
        holder.drop();
        return true;
      }
    }
    return false;
  }

  private boolean isLogDue(long nowNs) {
    if (hasLogged && nowNs - loggedNs < LOG_INTERVAL_NS) {
      return false;
    }
    hasLogged = true;
    loggedNs = nowNs;
    return true;
  }

  /** Returns the slot of a holder, unless it has none. */
  synchronized void release(Holder holder) {
    if (holders.remove(holder)) {
      heldBySource.computeIfPresent(
          holder.source(), (source, held) -> held == 1 ? null : Integer.valueOf(held - 1));
    }
  }

  /** Returns as many other slots, with the same limits. */
  HandshakeSlots withNoneTaken() {
    return new HandshakeSlots(resource, max, sourceMax, graceNs);
  }

  /** Replaces the limit of one source; slots over it stay taken. */
  void limit(HandshakeSlots next) {
    sourceMax = next.sourceMax;
  }

  /** Returns the number of slots taken. */
  synchronized int taken() {
    return holders.size();
  }
}
