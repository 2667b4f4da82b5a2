// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.time.Clock;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;

/**
 * The promise that an instance lives until a deadline. It is its own key in the {@link LeaseTable}.
 */
final class Lease extends LeaseKey {
  /*
   * The life of a lease is one word, moved only by CAS:
   *
   *     (created)  ------------> now + duration        a restored lease too
   *     deadlineNs --renew-----> now + 2 * duration     any event loop, many at once
   *                              now + duration         in strict mode
   *     deadlineNs --extend----> now + duration         unless it is later already
   *     deadlineNs --reregister> now + duration         who holds this lease's monitor
   *     deadlineNs --evict-----> ENDED                  only from the expired value that was seen
   *     deadlineNs --cancel----> ENDED                  from any value; an operator's eviction too
   *
   * ENDED is final. So a renewal and an eviction of one lease have exactly one winner, and a client
   * that was answered 200 has its lease for one whole duration from then on, provided that the read
   * cycle that answered took less than a duration; in strict mode, less the time that it took.
   *
   * Two renewals may race. Each moves the deadline forward or leaves it; a renewal that finds a later
   * deadline than its own has nothing to add.
   *
   * All fields are volatile. What renewals read beside the word (durationNs, dirtyMs, standing) is
   * written by the holder of the monitor before it moves the word, and read after the word was. A
   * renewal that races with a registration may therefore answer by the old document or the new one,
   * as if it had come just before or just after. It can't carry the old duration past the
   * registration: its CAS expects the word of before.
   *
   * The factor 2 is Netflix's: renewing adds the duration, and so does the expiry test (spec §2.4).
   * Clients in the field rely on it. What is shown as the last renewal is the deadline less one
   * duration: the future by that mistake, the truth in strict mode.
   */

  /** The word of a lease that was cancelled or evicted. */
  static final long ENDED = Long.MIN_VALUE;

  /** What a renewal must do beside moving the deadline. */
  enum RenewAction {
    /** Nothing. */
    PLAIN,
    /** Refuse: the status is UNKNOWN. */
    UNKNOWN_STATUS,
    /** Put the status right first: an override waits to be applied. */
    STATUS_DUE
  }

  private static final VarHandle DEADLINE;

  static {
    try {
      DEADLINE = MethodHandles.lookup().findVarHandle(Lease.class, "deadlineNs", long.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  /** Names this lease densely: below the table's capacity, free again once the lease has ended. */
  final int slot;

  /** How many durations a renewal gives: a byte, for which the object has room. */
  private final byte durationsPerRenewal;

  private volatile long deadlineNs;
  private volatile long durationNs;
  private volatile long dirtyMs;
  private volatile RenewAction renewAction;
  private volatile LeaseHolder holder;

  /** Whether an earlier run of the node held it. Written before the table publishes the lease. */
  private boolean isRestored;

  /** Whether readers were told of its end. Guarded by the registry's monitor. */
  private boolean isRemovalPublished;

  /** @param isStrict whether a renewal gives one duration, not two */
  Lease(LookupKey key, int slot, LeaseHolder holder, boolean isStrict) {
    super(key.copyOfRest());
    w0 = key.w0;
    w1 = key.w1;
    w2 = key.w2;
    w3 = key.w3;
    w4 = key.w4;
    w5 = key.w5;
    length = key.length;
    appLength = key.appLength;
    hash = key.hash;
    this.slot = slot;
    this.durationsPerRenewal = (byte) (isStrict ? 1 : 2);
    this.holder = holder;
    this.durationNs = durationNsOf(holder);
    this.dirtyMs = holder.instance().lastDirtyMs();
    this.renewAction = renewActionOf(holder);
    // Published by the table, whose insertion orders these writes before any look-up that finds
    // them.
    this.deadlineNs = holder.registeredNs() + durationNs;
  }

  /** Begins the first term at the restore instead; nobody else knows the lease yet. */
  void restore(long nowNs) {
    isRestored = true;
    deadlineNs = nowNs + durationNs;
  }

  boolean isRestored() {
    return isRestored;
  }

  /** Returns whether a term that began at this moment without a renewal ends at that deadline. */
  boolean isFirstDeadline(long beganNs, long deadline) {
    return deadline == beganNs + durationNs;
  }

  long durationNs() {
    return durationNs;
  }

  /** Extends the lease; false when it has ended. */
  boolean renew(long nowNs) {
    return extend(nowNs, durationsPerRenewal);
  }

  /** Gives the lease at least one duration from now; false when it has ended. */
  boolean extend(long nowNs) {
    return extend(nowNs, 1);
  }

  private boolean extend(long nowNs, int terms) {
    long current = deadlineNs;
    while (current != ENDED) {
      long next = nowNs + terms * durationNs;
      if (next <= current) {
        return true;
      }
      long witness = (long) DEADLINE.compareAndExchange(this, current, next);
      if (witness == current) {
        return true;
      }
      current = witness;
    }
    return false;
  }

  /**
   * Begins a new term for a new document; false when the lease has ended, which then keeps what it
   * was held for. The monitor is held.
   *
   * @param durationSecs of this and later terms; the document may show another (spec §3.2 step 2)
   */
  boolean reregister(LeaseHolder next, int durationSecs, Clock clock) {
    LeaseHolder held = holder;
    long duration = TimeUnit.SECONDS.toNanos(durationSecs);
    durationNs = duration;
    update(next);
    long current = deadlineNs;
    while (current != ENDED) {
      // The clock is read after the word, so the term doesn't begin before a renewal that it
      // follows.
      long deadline = clock.monotonicNs() + duration;
      long witness = (long) DEADLINE.compareAndExchange(this, current, deadline);
      if (witness == current) {
        return true;
      }
      current = witness;
    }
    // Readers are told of the end of the lease that they know, and its status is counted off.
    update(held);
    return false;
  }

  /** Replaces what the lease is held for, without touching its term. The monitor is held. */
  void update(LeaseHolder next) {
    dirtyMs = next.instance().lastDirtyMs();
    renewAction = renewActionOf(next);
    holder = next;
  }

  /**
   * Ends the lease if it expired more than {@code graceNs} before; true for the one that ended it.
   */
  boolean evict(long nowNs, long graceNs) {
    long current = deadlineNs;
    return current != ENDED && nowNs > current + graceNs && DEADLINE.compareAndSet(this, current, ENDED);
  }

  /** Ends the lease; true for the one that ended it. */
  boolean cancel() {
    return (long) DEADLINE.getAndSet(this, ENDED) != ENDED;
  }

  /** Notes that readers are told of its end; true for the one who does so. The monitor is held. */
  boolean markRemovalPublished() {
    boolean isFirst = !isRemovalPublished;
    isRemovalPublished = true;
    return isFirst;
  }

  /** When the lease expires unless it is renewed, monotonic; {@link #ENDED} when it has ended. */
  long deadlineNs() {
    return deadlineNs;
  }

  /** When the instance was last heard of, by a renewal or a registration, monotonic. */
  long lastContactNs() {
    return lastContactNs(deadlineNs);
  }

  /** The same, counted back from a deadline that was read before. */
  long lastContactNs(long deadlineNs) {
    return Math.max(deadlineNs - durationsPerRenewal * durationNs, holder.registeredNs());
  }

  boolean hasEnded() {
    return deadlineNs == ENDED;
  }

  /** Whether the deadline has passed, or the lease ended. */
  boolean isExpired(long nowNs) {
    return nowNs > deadlineNs;
  }

  /**
   * Whether nobody has asked for this lease for so long, counted from its last renewal or up to one
   * duration later.
   */
  boolean isIdle(long nowNs, long afterNs) {
    return nowNs - (deadlineNs - durationNs) > afterNs;
  }

  /** Seconds of one term. */
  int durationSecs() {
    return (int) TimeUnit.NANOSECONDS.toSeconds(durationNs);
  }

  RenewAction renewAction() {
    return renewAction;
  }

  /** The instance's own version of its document, epoch ms. */
  long dirtyMs() {
    return dirtyMs;
  }

  LeaseHolder holder() {
    return holder;
  }

  /** The instance's document with the stamps of its lease as of now. */
  InstanceInfo document() {
    return holder.renewedAt(lastRenewalMs()).instance();
  }

  /**
   * When the lease was last renewed, epoch ms. As stock servers show it, but in strict mode: one
   * duration late, that is in the future (spec §2.4).
   */
  long lastRenewalMs() {
    LeaseHolder held = holder;
    long duration = durationNs;
    long deadline = deadlineNs;
    long sinceRegisteredNs = deadline == ENDED ? 0 : deadline - duration - held.registeredNs();
    return held.instance().leaseInfo().registrationMs()
        + TimeUnit.NANOSECONDS.toMillis(sinceRegisteredNs);
  }

  private static long durationNsOf(LeaseHolder holder) {
    return TimeUnit.SECONDS.toNanos(holder.instance().leaseInfo().durationSecs());
  }

  private static RenewAction renewActionOf(LeaseHolder holder) {
    InstanceStatus ruled = holder.resolvedStatus();
    if (ruled == InstanceStatus.UNKNOWN) {
      return RenewAction.UNKNOWN_STATUS;
    }
    return ruled == holder.instance().status() ? RenewAction.PLAIN : RenewAction.STATUS_DUE;
  }
}
