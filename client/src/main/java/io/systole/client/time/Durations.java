// SPDX-License-Identifier: Apache-2.0
package io.systole.client.time;

import java.time.Duration;
import java.util.Objects;

/** Checks of durations that options are given in. */
public final class Durations {
  private Durations() {}

  /**
   * Returns a duration in milliseconds, what is less than one cut off.
   *
   * @param option name for the message
   * @param minMs least, ms
   * @param maxMs most, ms
   * @throws NullPointerException naming the option when there is none
   * @throws IllegalArgumentException naming option and range when it is out of its range
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
