// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import java.util.Locale;

/** Durations, counts and shares in human-readable sentences. */
public final class QuantityText {
  private static final long SECOND_MS = 1_000;
  private static final long MINUTE_MS = 60 * SECOND_MS;
  private static final long HOUR_MS = 60 * MINUTE_MS;
  private static final long DAY_MS = 24 * HOUR_MS;

  private QuantityText() {}

  /** Returns a duration in its two largest units. */
  public static String duration(long ms) {
    if (ms < SECOND_MS) {
      return ms + " ms";
    }
    if (ms < MINUTE_MS) {
      return twoUnits(ms, SECOND_MS, "s", 1, "ms");
    }
    if (ms < HOUR_MS) {
      return twoUnits(ms, MINUTE_MS, "min", SECOND_MS, "s");
    }
    return ms < DAY_MS
        ? twoUnits(ms, HOUR_MS, "h", MINUTE_MS, "min")
        : twoUnits(ms, DAY_MS, "d", HOUR_MS, "h");
  }

  private static String twoUnits(
      long ms, long large, String largeName, long small, String smallName) {
    long rest = ms % large / small;
    return ms / large + " " + largeName + (rest == 0 ? "" : " " + rest + " " + smallName);
  }

  /** Returns a count with its noun. */
  public static String count(long count, String one, String many) {
    return count + " " + (count == 1 ? one : many);
  }

  /** Returns a share, rounded down so that the rounded share still ends the protection. */
  public static String share(double share) {
    return String.format(Locale.ROOT, "%.4f", Math.floor(share * 10_000) / 10_000);
  }
}
