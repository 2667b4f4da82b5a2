// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.model;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Objects;

/**
 * The lease parameters of an instance and the server's timestamps of the lease (spec §6.1 row 12).
 *
 * @param renewalIntervalSecs seconds between heartbeats; 30 if not positive
 * @param durationSecs seconds until the lease expires; 90 if not positive
 * @param registrationMs epoch ms, 0 if never
 * @param lastRenewalMs epoch ms, 0 if never
 * @param evictionMs epoch ms, 0 if never
 * @param serviceUpMs epoch ms of the first UP, 0 if never
 */
public record LeaseInfo(
    int renewalIntervalSecs,
    int durationSecs,
    long registrationMs,
    long lastRenewalMs,
    long evictionMs,
    long serviceUpMs) {
  public static final int DEFAULT_INTERVAL_SECS = 30;
  public static final int DEFAULT_DURATION_SECS = 90;

  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofDays(1);

  /** The lease of an instance without a {@code leaseInfo}. */
  public static final LeaseInfo DEFAULT =
      new LeaseInfo(DEFAULT_INTERVAL_SECS, DEFAULT_DURATION_SECS, 0, 0, 0, 0);

  public LeaseInfo {
    renewalIntervalSecs = renewalIntervalSecs > 0 ? renewalIntervalSecs : DEFAULT_INTERVAL_SECS;
    durationSecs = durationSecs > 0 ? durationSecs : DEFAULT_DURATION_SECS;
  }

  /**
   * Returns the lease parameters of a registration.
   *
   * @param renewalInterval between heartbeats, whole seconds, 1 s to 1 day
   * @param duration of the lease without a heartbeat, whole seconds, 1 s to 1 day
   * @throws IllegalArgumentException if a duration is out of range, with its name
   */
  public static LeaseInfo of(Duration renewalInterval, Duration duration) {
    return new LeaseInfo(
        secs("renewalInterval", renewalInterval), secs("duration", duration), 0, 0, 0, 0);
  }

  private static int secs(String name, Duration value) {
    Objects.requireNonNull(value, name);
    boolean isWithin = value.compareTo(SHORTEST) >= 0 && value.compareTo(LONGEST) <= 0;
    if (!isWithin || !value.equals(value.truncatedTo(ChronoUnit.SECONDS))) {
      throw new IllegalArgumentException(
          name + "=" + value + " is not whole seconds within " + SHORTEST + ".." + LONGEST);
    }
    return Math.toIntExact(value.toSeconds());
  }

  /** Returns a copy with this time of eviction or cancellation, epoch ms. */
  public LeaseInfo evictedAt(long endedMs) {
    return new LeaseInfo(
        renewalIntervalSecs, durationSecs, registrationMs, lastRenewalMs, endedMs, serviceUpMs);
  }

  /** Returns a copy with this time of the last renewal, epoch ms. */
  public LeaseInfo renewedAt(long renewedMs) {
    return new LeaseInfo(
        renewalIntervalSecs, durationSecs, registrationMs, renewedMs, evictionMs, serviceUpMs);
  }

  /** Returns a copy with this time of the first UP, epoch ms. */
  public LeaseInfo upSince(long upMs) {
    return new LeaseInfo(
        renewalIntervalSecs, durationSecs, registrationMs, lastRenewalMs, evictionMs, upMs);
  }
}
