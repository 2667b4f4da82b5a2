// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** The known name that is nearest to an unknown one, for messages. */
final class NearestName {
  /** One change for each so many characters; names that differ more are not suggested. */
  private static final int CHARS_PER_CHANGE = 3;

  private NearestName() {}

  /**
   * Returns the nearest of the known names, unless all are too different. A file's key in a wrong
   * group is nearest to the same name in the right one.
   */
  static Optional<String> of(String unknown, Collection<String> known) {
    Optional<String> elsewhere =
        known.stream().filter(name -> lastPart(name).equals(lastPart(unknown))).findFirst();
    return elsewhere.isPresent()
        ? elsewhere
        : known.stream()
            .filter(name -> distance(unknown, name) <= 1 + unknown.length() / CHARS_PER_CHANGE)
            .min(Comparator.comparingInt((String name) -> distance(unknown, name))
                .thenComparing(name -> name));
  }

  private static String lastPart(String path) {
    return path.substring(path.lastIndexOf('.') + 1);
  }

  /** Returns the number of insertions, deletions and substitutions between two names. */
  static int distance(String from, String to) {
    int[] before = new int[to.length() + 1];
    int[] current = new int[to.length() + 1];
    for (int column = 0; column <= to.length(); column++) {
      before[column] = column;
    }
    for (int row = 1; row <= from.length(); row++) {
      current[0] = row;
      for (int column = 1; column <= to.length(); column++) {
        int change = from.charAt(row - 1) == to.charAt(column - 1) ? 0 : 1;
        current[column] = Math.min(
            before[column - 1] + change, 1 + Math.min(before[column], current[column - 1]));
      }
      int[] swapped = before;
      before = current;
      current = swapped;
    }
    return before[to.length()];
  }
}
