// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.model;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Objects;

/**
 * What an instance document says of its lease (spec §6.1 row 12); the stamps are the server's.
 *
 * @param renewalIntervalSecs seconds between heartbeats; 0 or less becomes 30
 * @param durationSecs seconds a lease lives; 0 or less becomes 90
 * @param registrationMs epoch ms, 0 when never
 * @param lastRenewalMs epoch ms, 0 when never
 * @param evictionMs epoch ms, 0 when never
 * @param serviceUpMs epoch ms of the first UP, 0 when never
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

  /** What an instance without a {@code leaseInfo} has. */
  public static final LeaseInfo DEFAULT =
      new LeaseInfo(DEFAULT_INTERVAL_SECS, DEFAULT_DURATION_SECS, 0, 0, 0, 0);

  public LeaseInfo {
    renewalIntervalSecs = renewalIntervalSecs > 0 ? renewalIntervalSecs : DEFAULT_INTERVAL_SECS;
    durationSecs = durationSecs > 0 ? durationSecs : DEFAULT_DURATION_SECS;
  }

  /**
   * Returns the lease that an instance requests.
   *
   * @param renewalInterval between heartbeats, whole seconds, 1 s to 1 day
   * @param duration how long the lease lives without one, whole seconds, 1 s to 1 day
   * @throws IllegalArgumentException naming the one that is not such a duration
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

  /** The same lease, ended at this moment. */
  public LeaseInfo evictedAt(long endedMs) {
    return new LeaseInfo(
        renewalIntervalSecs, durationSecs, registrationMs, lastRenewalMs, endedMs, serviceUpMs);
  }

  /** The same lease, last renewed at this moment. */
  public LeaseInfo renewedAt(long renewedMs) {
    return new LeaseInfo(
        renewalIntervalSecs, durationSecs, registrationMs, renewedMs, evictionMs, serviceUpMs);
  }

  /** The same lease of an instance that was first seen UP at this moment. */
  public LeaseInfo upSince(long upMs) {
    return new LeaseInfo(
        renewalIntervalSecs, durationSecs, registrationMs, lastRenewalMs, evictionMs, upMs);
  }
}
