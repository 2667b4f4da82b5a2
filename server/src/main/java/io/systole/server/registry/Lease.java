// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.time.Clock;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import java.util.function.LongUnaryOperator;

/** The period an instance is kept without renewal. It is its own key in the {@link LeaseTable}. */
final class Lease extends LeaseKey {
  /*
   * The state of a lease is one word, changed only by CAS:
   *
   *     (created)  ------------> now + duration        a restored lease too
   *     deadlineNs --renew-----> now + 2 * duration     any event loop, many at once
   *                              now + duration         in strict mode
   *     deadlineNs --extend----> now + duration         unless it is later already
   *     deadlineNs --reregister> now + duration         under the writer's monitor
   *     deadlineNs --merge-----> as late as that of     under the writer's monitor
   *                              another member, at most that of a renewal now
   *     deadlineNs --evict-----> ENDED                  only from the expired value that was read
   *     deadlineNs --cancel----> ENDED                  from any value; also an operator's eviction
   *
   * ENDED is final. So exactly one of a racing renewal and eviction wins, and a client that received
   * 200 has its lease for one whole duration from then on, provided that the read cycle of the
   * request took less than a duration; in strict mode, less the time of the read cycle.
   *
   * Renewals may race. Each moves the deadline forward or leaves it; a renewal that finds a later
   * deadline than its own succeeds without a write.
   *
   * Mutable fields are volatile, except those with a comment. The fields that renewals read besides
   * the word (durationSecs, dirtyMs, renewAction) are written under the writer's monitor before the
   * word, and read after it. A renewal that races with a registration may therefore use the old
   * document or the new one, as if it had come just before or just after. It cannot carry the old
   * duration past the registration: its CAS expects the previous word.
   *
   * Fields are small, so that an object has 112 bytes, and those that a renewal by handle reads are
   * within 24 bytes: at a million leases most of its time is spent waiting for cache lines
   * (BulkRenewalBenchmark; `benchmarks layout` prints the layout, LeaseLayoutTest checks it).
   *
   * The factor 2 is Netflix's: renewing adds the duration, and so does the expiry test (spec §2.4).
   * Deployed clients rely on it. The last renewal is shown as the deadline less one duration: in
   * the future because of that factor, correct in strict mode.
   */

  /** The word of a lease that was cancelled or evicted. */
  static final long ENDED = Long.MIN_VALUE;

  /** The work of a renewal besides moving the deadline. */
  enum RenewAction {
    /** Nothing. */
    PLAIN,
    /** Refuse: the status is UNKNOWN. */
    UNKNOWN_STATUS,
    /** Update the status first: a status override is pending. */
    STATUS_DUE
  }

  private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);
  private static final RenewAction[] ACTIONS = RenewAction.values();
  private static final byte PLAIN = (byte) RenewAction.PLAIN.ordinal();

  private static final VarHandle DEADLINE;

  static {
    try {
      DEADLINE = MethodHandles.lookup().findVarHandle(Lease.class, "deadlineNs", long.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  /** A dense number below the table's capacity; reused once the lease has ended. */
  final int slot;

  private volatile long dirtyMs;
  private volatile long deadlineNs;
  private volatile int durationSecs;

  /** Durations from a renewal to its deadline, 1 or 2. */
  private final byte durationsPerRenewal;

  /** The ordinal of a {@link RenewAction}. */
  private volatile byte renewAction;

  private volatile LeaseHolder holder;

  /**
   * True if it was restored from an earlier run and not merged since. Written before the table
   * publishes the lease, and under the writer's monitor before the word.
   */
  private boolean isRestored;

  /** True if the log has a change for its end. Guarded by the writer's monitor. */
  private boolean isRemovalPublished;

  /** @param isStrict whether a renewal extends the lease by one duration, not two */
  Lease(LookupKey key, int slot, LeaseHolder holder, boolean isStrict) {
    super(key);
    this.slot = slot;
    this.durationsPerRenewal = (byte) (isStrict ? 1 : 2);
    this.holder = holder;
    this.durationSecs = durationSecsOf(holder);
    this.dirtyMs = holder.instance().lastDirtyMs();
    this.renewAction = renewActionOf(holder);
    // Published by insertion into the table, which happens before any lookup that finds the lease.
    this.deadlineNs = holder.registeredNs() + durationNs();
  }

  /** Starts the lease at the restore; called before the lease is published. */
  void restore(long nowNs) {
    isRestored = true;
    deadlineNs = nowNs + durationNs();
  }

  boolean isRestored() {
    return isRestored;
  }

  /** Returns whether the deadline is that of a lease that began at {@code beganNs}, unrenewed. */
  boolean isFirstDeadline(long beganNs, long deadline) {
    return deadline == beganNs + durationNs();
  }

  long durationNs() {
    return durationSecs * SECOND_NS;
  }

  /**
   * Reads the cache lines that a lookup and a renewal read, but for the first or last where a few
   * of its bytes are in another line, for {@link LeaseIndex#prefetch}. May be called before the
   * lease is published, and returns a meaningless number.
   */
  long prefetch() {
    return w0 + hash + (long) DEADLINE.getOpaque(this);
  }

  /** Renews the lease; returns false if it has ended. */
  boolean renew(long nowNs) {
    return extend(nowNs, durationsPerRenewal);
  }

  /** Extends the lease to at least one duration from now; returns false if it has ended. */
  boolean extend(long nowNs) {
    return extend(nowNs, 1);
  }

  private boolean extend(long nowNs, int durations) {
    long current = deadlineNs;
    while (current != ENDED) {
      long next = nowNs + durations * durationNs();
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
   * Restarts the lease with a new holder. Returns false if it has ended; it then keeps its holder.
   * Guarded by the writer's monitor.
   *
   * @param durationSecs of the lease from now on; the document may show another (spec §3.2 step 2)
   */
  boolean reregister(LeaseHolder next, int durationSecs, Clock clock) {
    long duration = TimeUnit.SECONDS.toNanos(durationSecs);
    return restart(next, durationSecs, current -> clock.monotonicNs() + duration);
  }

  /**
   * Replaces the holder by that of another member, from which the lease is valid for one duration
   * from now, or longer if it was renewed or its deadline is later. An ordinary lease from then on.
   * Returns false if it has ended; it then keeps its holder. Guarded by the writer's monitor.
   *
   * @param renewedNs the last renewal at the other member, monotonic
   */
  boolean merge(LeaseHolder next, long renewedNs, Clock clock) {
    isRestored = false;
    int secs = durationSecsOf(next);
    long duration = TimeUnit.SECONDS.toNanos(secs);
    long renewalNs = durationsPerRenewal * duration;
    return restart(next, secs, current -> {
      long nowNs = clock.monotonicNs();
      long least = Math.max(nowNs + duration, renewedNs + renewalNs);
      return Math.min(Math.max(current, least), nowNs + renewalNs);
    });
  }

  /**
   * Replaces holder, duration and deadline. Returns false if the lease has ended; it then keeps its
   * holder.
   *
   * @param deadlineAfter returns the deadline that replaces another
   */
  private boolean restart(LeaseHolder next, int secs, LongUnaryOperator deadlineAfter) {
    LeaseHolder previous = holder;
    durationSecs = secs;
    update(next);
    long current = deadlineNs;
    while (current != ENDED) {
      // Called after the word was read, so that the clock is not behind the last renewal.
      long deadline = deadlineAfter.applyAsLong(current);
      long witness = (long) DEADLINE.compareAndExchange(this, current, deadline);
      if (witness == current) {
        return true;
      }
      current = witness;
    }
    // The removal must be published with the holder that readers know.
    update(previous);
    return false;
  }

  /** Replaces the holder and keeps the deadline. Guarded by the writer's monitor. */
  void update(LeaseHolder next) {
    dirtyMs = next.instance().lastDirtyMs();
    renewAction = renewActionOf(next);
    holder = next;
  }

  /**
   * Ends the lease if it expired more than {@code graceNs} ago; returns whether this call ended it.
   */
  boolean evict(long nowNs, long graceNs) {
    long current = deadlineNs;
    return current != ENDED
        && nowNs > current + graceNs
        && DEADLINE.compareAndSet(this, current, ENDED);
  }

  /** Ends the lease; returns whether this call ended it. */
  boolean cancel() {
    return (long) DEADLINE.getAndSet(this, ENDED) != ENDED;
  }

  /** Returns true to the first caller, which publishes the end. Guarded by the writer's monitor. */
  boolean markRemovalPublished() {
    boolean isFirst = !isRemovalPublished;
    isRemovalPublished = true;
    return isFirst;
  }

  /** Returns the time of expiry, monotonic, or {@link #ENDED}. */
  long deadlineNs() {
    return deadlineNs;
  }

  /** Returns the time of the last renewal or registration, monotonic. */
  long lastContactNs() {
    return lastContactNs(deadlineNs);
  }

  /** Returns the same, derived from a deadline that was read before. */
  long lastContactNs(long deadlineNs) {
    return Math.max(deadlineNs - durationsPerRenewal * durationNs(), holder.registeredNs());
  }

  boolean hasEnded() {
    return deadlineNs == ENDED;
  }

  /** Returns whether the deadline has passed, or the lease has ended. */
  boolean isExpired(long nowNs) {
    return nowNs > deadlineNs;
  }

  /**
   * Returns whether the lease was not renewed for {@code afterNs}, counted from its last renewal or
   * up to one duration later.
   */
  boolean isIdle(long nowNs, long afterNs) {
    return nowNs - (deadlineNs - durationNs()) > afterNs;
  }

  /** Returns the duration of the lease, in seconds. */
  int durationSecs() {
    return durationSecs;
  }

  /** Returns whether a renewal only moves the deadline. */
  boolean isPlain() {
    return renewAction == PLAIN;
  }

  RenewAction renewAction() {
    return ACTIONS[renewAction];
  }

  /** Returns the dirty timestamp of the document, epoch ms. */
  long dirtyMs() {
    return dirtyMs;
  }

  LeaseHolder holder() {
    return holder;
  }

  /** Returns the document with the timestamps of the lease as of now. */
  InstanceInfo document() {
    return holder.renewedAt(lastRenewalMs()).instance();
  }

  /**
   * Returns the time of the last renewal, epoch ms. Except in strict mode, it is one duration late,
   * as on stock servers, and may lie in the future (spec §2.4).
   */
  long lastRenewalMs() {
    LeaseHolder current = holder;
    long duration = durationNs();
    long deadline = deadlineNs;
    long sinceRegisteredNs = deadline == ENDED ? 0 : deadline - duration - current.registeredNs();
    return current.instance().leaseInfo().registrationMs()
        + TimeUnit.NANOSECONDS.toMillis(sinceRegisteredNs);
  }

  private static int durationSecsOf(LeaseHolder holder) {
    return holder.instance().leaseInfo().durationSecs();
  }

  private static byte renewActionOf(LeaseHolder holder) {
    InstanceStatus ruled = holder.resolvedStatus();
    RenewAction action = ruled == InstanceStatus.UNKNOWN
        ? RenewAction.UNKNOWN_STATUS
        : ruled == holder.instance().status() ? RenewAction.PLAIN : RenewAction.STATUS_DUE;
    return (byte) action.ordinal();
  }
}
