// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

/** A count of something as clients write it: a version of the registry, or seconds. */
final class NonNegativeLong {
  /** No such number. */
  static final long NONE = -1;

  private NonNegativeLong() {}

  /** The number, 0 or more, or {@link #NONE} when the text isn't one. */
  static long parse(String text) {
    try {
      long number = Long.parseLong(text);
      return number < 0 ? NONE : number;
    } catch (NumberFormatException notANumber) {
      return NONE;
    }
  }
}
