// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

/** A parser of non-negative numbers: registry versions and seconds. */
final class NonNegativeLong {
  /** Result for text that is not a non-negative number. */
  static final long NONE = -1;

  private NonNegativeLong() {}

  /** Returns the number, 0 or greater, or {@link #NONE}. */
  static long parse(String text) {
    try {
      long number = Long.parseLong(text);
      return number < 0 ? NONE : number;
    } catch (NumberFormatException notANumber) {
      return NONE;
    }
  }
}
