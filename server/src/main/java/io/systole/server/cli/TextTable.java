// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import io.systole.protocol.model.EscapedText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A table of aligned columns for terminals. Cells are escaped. To fit a width, it leaves out
 * columns that are optional, then cuts the longest texts.
 */
final class TextTable {
  /** The widest column where no terminal limits the width. */
  static final int COLUMN_WIDTH_MAX = 512;

  private static final int CUT_WIDTH_MIN = 8;
  private static final String GAP = "  ";
  private static final String CUT_MARK = "…";

  /** The treatment of a column where the width does not suffice. */
  enum ColumnKind {
    /** Aligned to the right, never cut. */
    NUMBER,
    /** Never cut. */
    FIXED,
    CUT,
    /** Left out first. */
    OPTIONAL
  }

  /** A column with its header. */
  record Column(String header, ColumnKind kind) {}

  private final List<Column> columns;
  private final List<List<String>> rows = new ArrayList<>();

  TextTable(Column... columns) {
    this.columns = List.of(columns);
  }

  static Column number(String header) {
    return new Column(header, ColumnKind.NUMBER);
  }

  static Column fixed(String header) {
    return new Column(header, ColumnKind.FIXED);
  }

  static Column cut(String header) {
    return new Column(header, ColumnKind.CUT);
  }

  static Column optional(String header) {
    return new Column(header, ColumnKind.OPTIONAL);
  }

  /** Adds a row with one cell for each column; an empty cell is shown as {@code -}. */
  void add(String... cells) {
    if (cells.length != columns.size()) {
      throw new IllegalArgumentException(cells.length + " cells for " + columns.size());
    }
    rows.add(Arrays.stream(cells)
        .map(cell -> cell.isEmpty() ? "-" : EscapedText.line(cell))
        .toList());
  }

  int rowCount() {
    return rows.size();
  }

  /**
   * Returns the header and the rows, without spaces at the end.
   *
   * @param width the maximum, where the columns that are never cut permit it
   */
  List<String> lines(int width) {
    int[] widths = naturalWidths();
    for (int i = columns.size() - 1; i >= 0 && sum(widths) > width; i--) {
      if (columns.get(i).kind() == ColumnKind.OPTIONAL) {
        widths[i] = 0;
      }
    }
    cut(widths, width);
    List<String> lines = new ArrayList<>();
    lines.add(line(columns.stream().map(Column::header).toList(), widths));
    rows.forEach(row -> lines.add(line(row, widths)));
    return lines;
  }

  private int[] naturalWidths() {
    int[] widths = new int[columns.size()];
    for (int i = 0; i < widths.length; i++) {
      int column = i;
      int longest =
          rows.stream().mapToInt(row -> DisplayWidth.of(row.get(column))).max().orElse(0);
      int header = DisplayWidth.of(columns.get(i).header());
      widths[i] = Math.min(COLUMN_WIDTH_MAX, Math.max(header, longest));
    }
    return widths;
  }

  /** Returns the width of a line; columns of width 0 are left out. */
  private static int sum(int[] widths) {
    return Arrays.stream(widths)
            .filter(width -> width > 0)
            .map(width -> width + GAP.length())
            .sum()
        - GAP.length();
  }

  private void cut(int[] widths, int width) {
    for (int excess = sum(widths) - width; excess > 0; excess--) {
      int widest = -1;
      for (int i = 0; i < widths.length; i++) {
        boolean canCut = columns.get(i).kind() == ColumnKind.CUT
            && widths[i]
                > Math.max(CUT_WIDTH_MIN, DisplayWidth.of(columns.get(i).header()));
        if (canCut && (widest < 0 || widths[i] > widths[widest])) {
          widest = i;
        }
      }
      if (widest < 0) {
        return;
      }
      widths[widest]--;
    }
  }

  private String line(List<String> cells, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      if (widths[i] == 0) {
        continue;
      }
      String cell = DisplayWidth.truncate(cells.get(i), widths[i], CUT_MARK);
      String padding = " ".repeat(widths[i] - DisplayWidth.of(cell));
      line.append(columns.get(i).kind() == ColumnKind.NUMBER ? padding + cell : cell + padding);
      line.append(GAP);
    }
    return line.toString().stripTrailing();
  }
}
