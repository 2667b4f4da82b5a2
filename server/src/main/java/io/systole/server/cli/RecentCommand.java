// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import static io.systole.server.cli.TextTable.cut;
import static io.systole.server.cli.TextTable.fixed;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.JsonNode;

/** {@code systole recent}. */
@Command(
    name = "recent",
    description =
        "Lists the last registrations, cancellations, evictions and extensions, newest" + " first.")
final class RecentCommand implements Callable<Integer> {
  private static final List<String> KINDS =
      List.of("registered", "cancelled", "evicted", "extended");

  private final Terminal terminal;

  @Mixin
  private final NodeAccess access;

  @Mixin
  private final DocumentOutput output;

  @Mixin
  private final RowLimit limit = new RowLimit();

  /** An event with its kind. */
  private record Event(String kind, JsonNode event) {}

  RecentCommand(CommandContext context) {
    terminal = context.terminal();
    access = new NodeAccess(context.environment());
    output = new DocumentOutput(terminal);
  }

  @Override
  public Integer call() {
    int rowsMax = limit.rows();
    NodeClient client = access.client();
    String path = new QueryPath("/systole/recent")
        .with("limit", Integer.toString(rowsMax))
        .toString();
    output.print(client, client.send("GET", path), document -> lines(document, rowsMax));
    return 0;
  }

  private List<String> lines(JsonNode document, int rowsMax) {
    List<Event> events = new ArrayList<>();
    for (String kind : KINDS) {
      document.path(kind).forEach(event -> events.add(new Event(kind, event)));
    }
    // ISO 8601 has a variable number of decimals.
    events.sort(Comparator.comparingLong((Event event) -> Fields.number(event.event(), "atMs"))
        .reversed());
    TextTable table = new TextTable(
        fixed("TIME"), fixed("EVENT"), cut("APPLICATION"), cut("ID"), cut("BY"), cut("REASON"));
    events.stream().limit(rowsMax).forEach(event -> add(event, table));
    List<String> lines = new ArrayList<>(RowLimit.lines(table, 0, terminal.columns()));
    if (events.size() > table.rowCount()) {
      // The node has limited each kind, so the number of further events is unknown.
      lines.add("… more, --limit");
    }
    return lines;
  }

  private static void add(Event recorded, TextTable table) {
    JsonNode event = recorded.event();
    String principal = Fields.text(event, "principal");
    String because = Fields.text(event, "because");
    table.add(
        Fields.text(event, "at"),
        recorded.kind(),
        Fields.text(event, "app"),
        Fields.text(event, "id"),
        Fields.text(event, "by") + (principal.isEmpty() ? "" : " " + principal),
        because.isEmpty() ? Fields.text(event, "cause") : because);
  }
}
