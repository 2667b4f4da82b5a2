// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

/** A fleet's heartbeats per second as the interval of each of its instances. */
public final class Rate {
  private static final int MS_PER_SEC = 1_000;
  private static final int INTERVAL_MS_MAX = 86_400_000;

  /** Beats lie on milliseconds; from here on rounding costs no more than a hundredth. */
  public static final int INTERVAL_MS_MIN = 50;

  private Rate() {}

  /**
   * Returns the interval, in whole milliseconds, at which a fleet comes closest to a rate.
   *
   * @throws IllegalArgumentException when an instance would have to beat too often or too seldom
   */
  public static int intervalMs(double perSec, int instances) {
    if (!(perSec > 0)) {
      throw new IllegalArgumentException("--rate must be above 0, got " + perSec);
    }
    double intervalMs = (double) MS_PER_SEC * instances / perSec;
    if (intervalMs < INTERVAL_MS_MIN) {
      throw new IllegalArgumentException(
          "--rate=" + perSec + " is more than " + instances + " instances can tell apart from its"
              + " neighbours: use --instances=" + Math.round(Math.ceil(perSec / perInstanceMax()))
              + " or more");
    }
    if (intervalMs > INTERVAL_MS_MAX) {
      throw new IllegalArgumentException("--rate=" + perSec + " of " + instances
          + " instances is less than a heartbeat a day of each");
    }
    return (int) Math.round(intervalMs);
  }

  /** Returns the heartbeats per second that a fleet comes to at an interval. */
  public static double perSec(int intervalMs, int instances) {
    return (double) MS_PER_SEC * instances / intervalMs;
  }

  private static double perInstanceMax() {
    return (double) MS_PER_SEC / INTERVAL_MS_MIN;
  }
}
