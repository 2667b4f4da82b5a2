// SPDX-License-Identifier: Apache-2.0
package io.systole.server.page;

/**
 * The characters of the names in the rows of several tables, and their limit. Names are chosen by
 * instances, and rows stay in memory. Confined to the page thread.
 */
final class NameChars {
  /** Enough for 80,000 instances with names of 100 characters. */
  static final int MAX = 8 << 20;

  private int used;

  /** Replaces characters by others; returns false, without an effect, if the limit prevents it. */
  boolean replace(int before, int after) {
    int next = used - before + after;
    if (next > MAX) {
      return false;
    }
    used = next;
    return true;
  }
}
