// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import static io.systole.server.cli.TextTable.cut;
import static io.systole.server.cli.TextTable.number;

import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** {@code systole applications}. */
@Command(
    name = "applications",
    description = "Lists applications with the number of their instances.")
final class ApplicationsCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin
  private final NodeAccess access;

  @Mixin
  private final DocumentOutput output;

  @Mixin
  private final RowLimit limit = new RowLimit();

  @Option(
      names = "--search",
      paramLabel = "TEXT",
      description = "only applications with this text in their name")
  private @Nullable String search;

  ApplicationsCommand(CommandContext context) {
    terminal = context.terminal();
    access = new NodeAccess(context.environment());
    output = new DocumentOutput(terminal);
  }

  @Override
  public Integer call() {
    String path = new QueryPath("/systole/applications")
        .with("search", search)
        .with("limit", Integer.toString(limit.rows()))
        .toString();
    NodeClient client = access.client();
    output.print(client, client.send("GET", path), this::lines);
    return 0;
  }

  private List<String> lines(JsonNode document) {
    TextTable table = new TextTable(
        cut("APPLICATION"),
        number("INSTANCES"),
        number("EXPIRED"),
        number("PROTECTED"),
        cut("STATUS"));
    for (JsonNode application : document.path("applications")) {
      table.add(
          Fields.text(application, "name"),
          Fields.text(application, "instances"),
          Fields.text(application, "expired"),
          Fields.text(application, "protected"),
          Fields.counts(application, "statuses"));
    }
    long matching = Fields.number(document, "matching");
    return RowLimit.lines(table, matching - table.rowCount(), terminal.columns());
  }
}
