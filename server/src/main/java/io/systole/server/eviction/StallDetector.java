// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import io.systole.server.registry.LeaseDeadline;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** A detector of stalls: periods in which the node could not accept renewals. */
final class StallDetector {
  /*
   * A stall is detected in two ways: the process did not run (stopped, swapped out, in a GC pause),
   * so that a call due every second is late; or an event loop did not run, while others did, so that
   * its own timer is late.
   *
   *            S======stall======E.........served.........S==next==E......
   *     D in here, or less than one duration behind E         (not counted)
   *
   * A lease with deadline D and duration d could not be renewed during the stall, and its client may
   * be backing off afterwards. It is protected until the node has served for d after E. Leases that
   * had expired before S are not: the stall did not prevent their renewal. Further stalls only
   * suspend the time served: a node that stalls repeatedly protects each lease once, so that dead
   * leases are evicted eventually.
   *
   * Delays shorter than STALL_MIN_NS do not count: requests wait in the sockets and no client has
   * timed out.
   *
   * Called by the two timers of the evictor and by lookups of expired leases. All fields but the
   * list, which is immutable and replaced, are guarded by the monitor.
   */

  /** Clients of this protocol time out after some seconds. */
  static final long STALL_MIN_NS = TimeUnit.SECONDS.toNanos(1);

  /** The maximum number of recorded stalls; the grace for the oldest is lost beyond it. */
  static final int STALLS_MAX = 64;

  /** A stall; both times are monotonic. */
  private record Stall(long fromNs, long toNs) {}

  private final LongSupplier loopLagNs;
  private volatile List<Stall> stalls = List.of();
  private long tickedNs;
  private boolean hasTicked;

  /**
   * @param loopLagNs the maximum lag of an event loop within the last second
   * @param nowNs the start of the first stall; the node accepts no renewals before the first tick
   */
  StallDetector(LongSupplier loopLagNs, long nowNs) {
    this.loopLagNs = loopLagNs;
    this.tickedNs = nowNs;
  }

  /**
   * Detects a stall since the last call. To be called every {@code periodNs}. Does nothing for a
   * time that has passed at an earlier call: callers read the clock before they enter.
   */
  synchronized void tick(long nowNs, long periodNs) {
    if (nowNs - tickedNs < 0) {
      return;
    }
    long lateNs = nowNs - tickedNs - (hasTicked ? periodNs : 0);
    if (lateNs >= STALL_MIN_NS) {
      add(tickedNs, nowNs);
    }
    hasTicked = true;
    tickedNs = nowNs;
  }

  /**
   * Detects a stall before a decision on leases, and returns the delay of the node.
   *
   * @param lateNs the delay of the caller
   * @param periodNs as for {@link #tick}
   */
  synchronized long check(long nowNs, long lateNs, long periodNs) {
    if (hasTicked && nowNs - tickedNs - periodNs >= STALL_MIN_NS) {
      tick(nowNs, periodNs);
    }
    if (lateNs >= STALL_MIN_NS) {
      add(nowNs - lateNs, nowNs);
    }
    long lagNs = checkLoops(nowNs);
    return Math.max(lateNs, lagNs);
  }

  /** Detects a stalled event loop; returns its lag. */
  synchronized long checkLoops(long nowNs) {
    long lagNs = Math.max(0, loopLagNs.getAsLong());
    if (lagNs >= STALL_MIN_NS) {
      add(nowNs - lagNs, nowNs);
    }
    return lagNs;
  }

  /** Adds a stall that ends now, merged with overlapping ones. */
  private void add(long fromNs, long toNs) {
    List<Stall> all = new ArrayList<>(stalls);
    long beganNs = fromNs;
    while (!all.isEmpty() && all.get(all.size() - 1).toNs >= beganNs) {
      beganNs = Math.min(beganNs, all.remove(all.size() - 1).fromNs);
    }
    if (all.size() == STALLS_MAX) {
      all.remove(0);
    }
    all.add(new Stall(beganNs, toNs));
    stalls = List.copyOf(all);
  }

  /** Returns the grace of leases at this time. */
  GracePeriod grace(long nowNs) {
    List<Stall> seen = stalls;
    return seen.isEmpty() ? GracePeriod.NONE : deadline -> endNs(seen, deadline, nowNs);
  }

  private static long endNs(List<Stall> stalls, LeaseDeadline deadline, long nowNs) {
    int first = 0;
    while (first < stalls.size()
        && stalls.get(first).toNs <= deadline.deadlineNs() - deadline.durationNs()) {
      first++;
    }
    if (first == stalls.size() || stalls.get(first).fromNs > deadline.deadlineNs()) {
      return GracePeriod.ENDED;
    }
    long servedNs = nowNs - stalls.get(first).toNs;
    for (Stall later : stalls.subList(first + 1, stalls.size())) {
      servedNs -= later.toNs - later.fromNs;
    }
    long leftNs = deadline.durationNs() - servedNs;
    return leftNs < 0 ? GracePeriod.ENDED : nowNs + leftNs;
  }

  /** Returns the number of recorded stalls. */
  int count() {
    return stalls.size();
  }
}
