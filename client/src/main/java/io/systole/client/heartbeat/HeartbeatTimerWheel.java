// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A timer wheel of heartbeat due times: a hashed wheel (Varghese and Lauck, 1987, scheme 6). Adding
 * a session and advancing past it cost O(1) regardless of the number of sessions, without
 * allocation.
 *
 * <p>Due times lie on ticks, so that all sessions due within one tick are sent in one batch and
 * none of them counts as late. For one thread.
 */
public final class HeartbeatTimerWheel {
  /*
   *   base 0     base 1     base 2            base n+1 = base n + interval, whatever happened meanwhile
   *     |..j..|----|..j..|----|..j..|---
   *        due 0      due 1  due 2            due n = base n + jitter, 0 <= jitter < jitterTicks
   *
   * Jitter is at most the interval, so each interval has exactly one due time.
   *
   * buckets[tick & mask] links all sessions due at that tick, of this revolution or a later one;
   * the latter are put back. occupied has one bit per bucket, so the next due time is found word by
   * word.
   *
   * Ended sessions stay linked until their bucket is visited. So the wheel retains an ended session
   * for at most one interval.
   */

  /** A callback for sessions that are due, called during {@link #advanceTo}. */
  public interface Due {
    /**
     * Called for a session that is due.
     *
     * @param dueNs due time, monotonic
     * @param missed further whole intervals that have passed since then; 0 unless the wheel was
     *     advanced late
     * @param intervalNs the session's interval
     */
    void due(Session session, long dueNs, long missed, long intervalNs);
  }

  /** The result of {@link #nextDueNs} if the wheel is empty. */
  public static final long NEVER = Long.MAX_VALUE;

  /**
   * 2^64 divided by the golden ratio: its multiples are evenly distributed, however many there are.
   */
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private static final int BITS_OF_WORD = 6;

  /** The distribution of sessions over their interval. */
  public enum Phases {
    /** Each session divides the largest gap. */
    EVEN,
    /** Independent random phases. */
    RANDOM
  }

  private final long originNs;
  private final long tickNs;
  private final int jitterTicks;
  private final @Nullable Session[] buckets;
  private final long[] occupied;
  private final int mask;
  private final SplittableRandom random;
  private final Phases phases;
  private long phase;
  private long currentTick;

  /**
   * Creates an empty wheel.
   *
   * @param nowNs monotonic; tick 0
   * @param buckets a power of two, 64 or more; with fewer buckets than ticks per interval, sessions
   *     are visited more than once per interval
   * @param jitterTicks bound of the random part of each due time, exclusive; 0 and 1 mean none
   * @param phases distribution of the first due times
   * @param seed of phases and jitter
   */
  public HeartbeatTimerWheel(
      long nowNs, long tickNs, int buckets, int jitterTicks, Phases phases, long seed) {
    if (buckets < Long.SIZE || Integer.bitCount(buckets) != 1) {
      throw new IllegalArgumentException(
          "buckets must be a power of two from " + Long.SIZE + ", got " + buckets);
    }
    this.originNs = nowNs;
    this.tickNs = tickNs;
    this.jitterTicks = jitterTicks;
    this.buckets = new @Nullable Session[buckets];
    this.occupied = new long[buckets >> BITS_OF_WORD];
    this.mask = buckets - 1;
    this.phases = phases;
    this.random = new SplittableRandom(seed);
    this.phase = random.nextLong();
  }

  /**
   * Adds a session, first due within one interval from now. Sessions added together are distributed
   * over the interval.
   *
   * @param intervalNs rounded down to ticks, at least one
   */
  public void add(Session session, long nowNs, long intervalNs) {
    session.intervalTicks = Math.toIntExact(Math.max(1, intervalNs / tickNs));
    phase = phases == Phases.EVEN ? phase + GOLDEN : random.nextLong();
    long spread = ((phase >>> Integer.SIZE) * session.intervalTicks) >>> Integer.SIZE;
    session.baseTick = Math.max(currentTick, tickAt(nowNs)) + 1 + spread;
    chain(session);
  }

  /**
   * Redistributes all sessions over another interval, as if they were added now. O(n).
   *
   * @param intervalNs rounded down to ticks, at least one
   */
  public void respread(long nowNs, long intervalNs) {
    Session session = unchainAll();
    while (session != null) {
      Session next = session.wheelNext;
      session.wheelNext = null;
      add(session, nowNs, intervalNs);
      session = next;
    }
  }

  /** Removes all sessions and returns those that have not ended as a linked list. */
  private @Nullable Session unchainAll() {
    Session all = null;
    for (int bucket = 0; bucket < buckets.length; bucket++) {
      Session session = buckets[bucket];
      empty(bucket);
      while (session != null) {
        Session next = session.wheelNext;
        session.wheelNext = session.isEnded() ? null : all;
        all = session.isEnded() ? all : session;
        session = next;
      }
    }
    return all;
  }

  /** Reports each session that is due once, and schedules its next interval. */
  public void advanceTo(long nowNs, Due sink) {
    long nowTick = tickAt(nowNs);
    if (nowTick <= currentTick) {
      return;
    }
    // One revolution visits every bucket, however far the clock has jumped.
    long from = Math.max(currentTick + 1, nowTick - mask);
    currentTick = nowTick;
    for (long tick = from; tick <= nowTick; tick++) {
      int bucket = (int) (tick & mask);
      Session session = buckets[bucket];
      if (session != null) {
        empty(bucket);
        visitBucket(session, nowTick, sink);
      }
    }
  }

  private void visitBucket(Session first, long nowTick, Due sink) {
    Session session = first;
    while (session != null) {
      Session next = session.wheelNext;
      session.wheelNext = null;
      if (!session.isEnded()) {
        visit(session, nowTick, sink);
      }
      session = next;
    }
  }

  private void visit(Session session, long nowTick, Due sink) {
    long dueTick = session.dueTick;
    if (dueTick > nowTick) {
      rechain(session);
      return;
    }
    long missed = (nowTick - session.baseTick) / session.intervalTicks;
    session.baseTick += (1 + missed) * session.intervalTicks;
    chain(session);
    sink.due(session, originNs + dueTick * tickNs, missed, session.intervalTicks * tickNs);
  }

  /**
   * Returns the time at which the wheel must be advanced next, monotonic, or {@link #NEVER}; may be
   * early, never late.
   */
  public long nextDueNs() {
    long first = currentTick + 1;
    for (int words = 0; words <= occupied.length; words++) {
      // The first word is read from the current bit on, and again as a whole at the end.
      long tick = words == 0 ? first : ((first >> BITS_OF_WORD) + words) << BITS_OF_WORD;
      int bucket = (int) (tick & mask);
      long bits = occupied[bucket >> BITS_OF_WORD] >>> bucket;
      if (bits != 0) {
        return originNs + (tick + Long.numberOfTrailingZeros(bits)) * tickNs;
      }
    }
    return NEVER;
  }

  private long tickAt(long nowNs) {
    return Math.floorDiv(nowNs - originNs, tickNs);
  }

  private void chain(Session session) {
    int jitterBound = Math.min(jitterTicks, session.intervalTicks);
    int jitter = jitterBound <= 1 ? 0 : random.nextInt(jitterBound);
    session.dueTick = session.baseTick + jitter;
    rechain(session);
  }

  private void rechain(Session session) {
    int bucket = (int) (session.dueTick & mask);
    session.wheelNext = buckets[bucket];
    buckets[bucket] = session;
    occupied[bucket >> BITS_OF_WORD] |= 1L << bucket;
  }

  private void empty(int bucket) {
    buckets[bucket] = null;
    occupied[bucket >> BITS_OF_WORD] &= ~(1L << bucket);
  }
}
