// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** The number of rows that a command prints. */
final class RowLimit {
  private static final int MAX = 10_000;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "print at most N rows, 1..10000, default 100")
  private int limit = 100;

  /** Returns the limit. */
  int rows() {
    if (limit < 1 || limit > MAX) {
      throw CommandException.usage("--limit=" + limit + " is not within 1.." + MAX);
    }
    return limit;
  }

  /** Returns the lines of a table, with one for rows that are not in it. */
  static List<String> lines(TextTable table, long omitted, int width) {
    if (table.rowCount() == 0) {
      return List.of("none");
    }
    List<String> lines = new ArrayList<>(table.lines(width));
    if (omitted > 0) {
      lines.add("… " + omitted + " more, --limit");
    }
    return lines;
  }
}
