// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import io.systole.server.registry.LeaseDeadline;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** The recent stalls of the node: periods in which it could not take renewals. */
final class StallDetector {
  /*
   * A stall shows in two ways: the process did not run (stopped, swapped out, collecting garbage), so
   * that a call that is due every second comes late; or an event loop did not run, while others did,
   * so that its own timer comes late.
   *
   *            S======stall======E.........served.........S==next==E......
   *     D in here, or less than one duration behind E         (not counted)
   *
   * A lease with deadline D and duration d has had no chance to be renewed during the stall, and its
   * client may be backing off behind it. It is given d of time served after E. Leases that had
   * expired before S are not: nothing kept them from being renewed. Further stalls only pause the
   * time served: a node that stalls again and again gives each lease its grace once, so that what is
   * dead goes at last.
   *
   * Shorter delays than STALL_MIN_NS count for nothing here: requests wait in the sockets for so long
   * and no client has given up.
   *
   * Called by the timers of the evictor and of the watch, and by look-ups of expired leases. The
   * monitor guards all but the list, which is immutable and replaced.
   */

  /** Clients of this protocol wait for an answer for some seconds before they give up. */
  static final long STALL_MIN_NS = TimeUnit.SECONDS.toNanos(1);

  /** Stalls that are kept; the oldest makes way, and leases it mattered to have no grace for it. */
  static final int STALLS_MAX = 64;

  /** A stall; both moments are monotonic. */
  private record Stall(long fromNs, long toNs) {}

  private final LongSupplier loopLagNs;
  private volatile List<Stall> stalls = List.of();
  private long tickedNs;
  private boolean hasTicked;

  /**
   * @param loopLagNs how late the latest event loop is, or was within the last second
   * @param nowNs from then on the first call is awaited: the node takes no renewals before
   */
  StallDetector(LongSupplier loopLagNs, long nowNs) {
    this.loopLagNs = loopLagNs;
    this.tickedNs = nowNs;
  }

  /** Looks for a stall since the last call. To be called every {@code periodNs}. */
  synchronized void tick(long nowNs, long periodNs) {
    long lateNs = nowNs - tickedNs - (hasTicked ? periodNs : 0);
    if (lateNs >= STALL_MIN_NS) {
      add(tickedNs, nowNs);
    }
    hasTicked = true;
    tickedNs = nowNs;
  }

  /**
   * Looks for a stall before leases are judged, and returns by how much the node is behind.
   *
   * @param lateNs by how much the caller itself is late
   * @param periodNs as of {@link #tick}
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

  /** Looks for an event loop that stalls, or did of late; returns by how much it is late. */
  synchronized long checkLoops(long nowNs) {
    long lagNs = Math.max(0, loopLagNs.getAsLong());
    if (lagNs >= STALL_MIN_NS) {
      add(nowNs - lagNs, nowNs);
    }
    return lagNs;
  }

  /** Adds a stall that ends now, joined with those that it meets. */
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

  /** Returns the grace of leases as of this moment. */
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

  /** How many stalls are kept. */
  int count() {
    return stalls.size();
  }
}
