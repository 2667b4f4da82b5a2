// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

/** Conversion between a fleet's heartbeat rate and the interval of its instances. */
public final class Rate {
  private static final int MS_PER_SEC = 1_000;

  /** One day. */
  public static final int INTERVAL_MS_MAX = 86_400_000;

  /** Intervals are whole milliseconds; from here on rounding changes the rate by at most 1 %. */
  public static final int INTERVAL_MS_MIN = 50;

  private Rate() {}

  /**
   * Returns the interval, in whole milliseconds, that comes closest to a fleet's rate.
   *
   * @throws IllegalArgumentException if the interval of an instance would be out of range
   */
  public static int intervalMs(double perSec, int instances) {
    if (!(perSec > 0)) {
      throw new IllegalArgumentException("--rate must be above 0, got " + perSec);
    }
    double intervalMs = (double) MS_PER_SEC * instances / perSec;
    if (intervalMs < INTERVAL_MS_MIN) {
      throw new IllegalArgumentException(
          "--rate=" + perSec + " exceeds " + (long) perInstanceMax() + "/s per instance: use"
              + " --instances=" + Math.round(Math.ceil(perSec / perInstanceMax())) + " or more");
    }
    if (intervalMs > INTERVAL_MS_MAX) {
      throw new IllegalArgumentException("--rate=" + perSec + " of " + instances
          + " instances is less than one heartbeat per instance and day");
    }
    return (int) Math.round(intervalMs);
  }

  /** Returns the heartbeats per second of a fleet at an interval. */
  public static double perSec(int intervalMs, int instances) {
    return (double) MS_PER_SEC * instances / intervalMs;
  }

  private static double perInstanceMax() {
    return (double) MS_PER_SEC / INTERVAL_MS_MIN;
  }
}
