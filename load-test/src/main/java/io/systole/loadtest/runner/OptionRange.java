// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

/** The check that the value of an option is within its range. */
final class OptionRange {
  private OptionRange() {}

  /** @throws IllegalArgumentException naming the option, its value and its range */
  static void require(String option, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          option + " is out of range: " + value + " is not within " + min + ".." + max);
    }
  }
}
