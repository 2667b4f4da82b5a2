// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import java.time.Duration;
import java.util.Objects;

/** Validation of duration options. */
public final class Durations {
  private Durations() {}

  /**
   * Returns a duration in milliseconds, rounded down.
   *
   * @param option name for the message
   * @param minMs minimum, ms
   * @param maxMs maximum, ms
   * @throws NullPointerException with the option name if the value is null
   * @throws IllegalArgumentException with option and range if the value is out of range
   */
  public static int ms(String option, Duration value, int minMs, int maxMs) {
    Objects.requireNonNull(value, option);
    Duration min = Duration.ofMillis(minMs);
    Duration max = Duration.ofMillis(maxMs);
    if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
      throw new IllegalArgumentException(
          option + "=" + value + " is not within " + min + ".." + max);
    }
    return Math.toIntExact(value.toMillis());
  }
}
