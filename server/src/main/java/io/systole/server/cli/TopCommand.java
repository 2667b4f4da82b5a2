// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import static io.systole.server.cli.TextTable.cut;
import static io.systole.server.cli.TextTable.number;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** {@code systole top}. */
@Command(
    name = "top",
    description = "Shows a node continuously, with the applications that have most expired leases"
        + " first; q ends.")
final class TopCommand implements Callable<Integer> {
  private static final int INTERVAL_SECONDS_MAX = 3600;
  private static final long SECOND_MS = 1_000;

  /** The blank line and the header above the rows, and the line below. */
  private static final int TABLE_LINES = 3;

  /** The members of a row in the order of the document; OUT is OUT_OF_SERVICE, to fit 80. */
  private static final List<String> COUNTS =
      List.of("INSTANCES", "UP", "DOWN", "STARTING", "OUT", "UNKNOWN", "EXPIRED", "PROTECTED");

  private static final int INSTANCES = 1;
  private static final int EXPIRED = 7;

  private final Terminal terminal;

  @Mixin
  private final NodeAccess access;

  @Mixin
  private final RowLimit limit = new RowLimit();

  @Option(
      names = "--interval",
      paramLabel = "SECONDS",
      description = "the time between two updates, 1..3600, default 2")
  private int intervalSeconds = 2;

  @Option(names = "--once", description = "print the state once, without a terminal too")
  private boolean isOnce;

  TopCommand(CommandContext context) {
    terminal = context.terminal();
    access = new NodeAccess(context.environment());
  }

  @Override
  public Integer call() {
    if (intervalSeconds < 1 || intervalSeconds > INTERVAL_SECONDS_MAX) {
      throw CommandException.usage(
          "--interval=" + intervalSeconds + " is not within 1.." + INTERVAL_SECONDS_MAX);
    }
    int rowsMax = limit.rows();
    NodeClient client = access.client();
    if (isOnce) {
      terminal.print(
          lines(client, new TerminalSize(terminal.columns(), Integer.MAX_VALUE), rowsMax));
      return 0;
    }
    if (!terminal.isInteractive()) {
      throw CommandException.usage("there is no terminal; --once prints the state once");
    }
    try (Screen screen = Screen.open(terminal)) {
      do {
        screen.show(frame(client, terminal.size().get(), rowsMax));
      } while (!screen.isQuitWithin(intervalSeconds * SECOND_MS));
    }
    return 0;
  }

  /** Returns the next frame: the failure if the node can't be reached, since it may be later. */
  private static List<String> frame(NodeClient client, TerminalSize size, int rowsMax) {
    try {
      return lines(client, size, rowsMax);
    } catch (CommandException failure) {
      if (!failure.isUnreachable()) {
        throw failure;
      }
      return WrappedText.lines(String.valueOf(failure.getMessage()), size.columns());
    }
  }

  private static List<String> lines(NodeClient client, TerminalSize size, int rowsMax) {
    Overview overview = new Overview(client.read("/systole/overview"));
    List<String> lines = new ArrayList<>(overview.lines(client.url(), size.columns()));
    int space = Math.max(1, size.rows() - lines.size() - TABLE_LINES);
    TextTable table = table(overview.applications(), Math.min(rowsMax, space));
    if (table.rowCount() > 0) {
      lines.add("");
      long omitted = (long) overview.applications().size() - table.rowCount();
      lines.addAll(RowLimit.lines(table, omitted, size.columns()));
    }
    return lines;
  }

  private static TextTable table(JsonNode applications, int rowsMax) {
    List<TextTable.Column> columns = new ArrayList<>();
    columns.add(cut("APPLICATION"));
    COUNTS.forEach(header -> columns.add(number(header)));
    TextTable table = new TextTable(columns.toArray(TextTable.Column[]::new));
    applications
        .valueStream()
        .sorted(Comparator.comparingLong((JsonNode row) -> -row.path(EXPIRED).asLong(0))
            .thenComparingLong(row -> -row.path(INSTANCES).asLong(0))
            .thenComparing(row -> row.path(0).asString("")))
        .limit(rowsMax)
        .forEach(row -> table.add(cells(row)));
    return table;
  }

  private static String[] cells(JsonNode row) {
    String[] cells = new String[1 + COUNTS.size()];
    for (int i = 0; i < cells.length; i++) {
      cells[i] = row.path(i).asString("");
    }
    return cells;
  }
}
