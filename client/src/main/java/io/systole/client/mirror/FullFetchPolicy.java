// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import io.systole.client.net.Backoff;
import io.systole.protocol.time.Clock;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * The policy by which the full registry is fetched from a server whose snapshot the mirror has, and
 * a delta otherwise. For one thread.
 */
final class FullFetchPolicy {
  /** Servers by default retain changes for three minutes (spec §4.3). */
  private static final long DELTA_AGE_MS_MAX = 150_000;

  /** Full fetches after a refused delta before the next delta is tried. */
  private static final int FULLS_PER_REFUSAL = 10;

  /** Longest delay between two full fetches caused by unequal hash codes. */
  private static final long RECONCILE_DELAY_MS_MAX = 600_000;

  private final Clock clock;
  private final Backoff reconciles;

  private int fullsBeforeDelta;
  private boolean isUnequal;
  private long reconcileNotBeforeNs;

  /** Time up to which a server has confirmed all changes, monotonic. */
  private long followedNs;

  FullFetchPolicy(int intervalMs, Clock clock, SplittableRandom random) {
    this.clock = clock;
    this.reconciles =
        new Backoff(Math.min(intervalMs, RECONCILE_DELAY_MS_MAX), RECONCILE_DELAY_MS_MAX, random);
    this.reconcileNotBeforeNs = clock.monotonicNs();
  }

  /**
   * Returns whether the next request is for the full registry.
   *
   * @param isVersioned whether the server retains changes by version rather than by time
   */
  boolean isFullDue(boolean isVersioned) {
    if (fullsBeforeDelta > 0 || (isUnequal && mayReconcile())) {
      return true;
    }
    long ageMs = TimeUnit.NANOSECONDS.toMillis(clock.monotonicNs() - followedNs);
    return !isVersioned && ageMs > DELTA_AGE_MS_MAX;
  }

  /**
   * Returns whether unequal hash codes may trigger a full fetch now, since a server with a wrong
   * hash code would otherwise trigger one each time.
   */
  private boolean mayReconcile() {
    long nowNs = clock.monotonicNs();
    if (nowNs - reconcileNotBeforeNs < 0) {
      return false;
    }
    reconcileNotBeforeNs = nowNs + TimeUnit.MILLISECONDS.toNanos(reconciles.nextMs());
    return true;
  }

  /** Counts a request for the full registry. */
  void fullRequested() {
    if (fullsBeforeDelta > 0) {
      fullsBeforeDelta--;
    }
  }

  /** Records that a full registry has become the snapshot. */
  void fullAccepted() {
    followedNs = clock.monotonicNs();
    isUnequal = false;
  }

  /** Records that the server does not offer deltas. */
  void deltaRefused() {
    fullsBeforeDelta = FULLS_PER_REFUSAL;
  }

  /** Records that the changes of a delta are in the snapshot. */
  void deltaApplied() {
    followedNs = clock.monotonicNs();
  }

  /** Records that the server's registry equals the snapshot. */
  void confirmed() {
    isUnequal = false;
    reconciles.reset();
    followedNs = clock.monotonicNs();
  }

  /** Records unequal hash codes; returns whether the full registry may be fetched now. */
  boolean differs() {
    isUnequal = true;
    return mayReconcile();
  }

  /** Records a failed request; the next server may offer deltas. */
  void failed() {
    fullsBeforeDelta = 0;
  }
}
