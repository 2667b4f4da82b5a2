// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import static io.systole.server.cli.TextTable.cut;
import static io.systole.server.cli.TextTable.fixed;
import static io.systole.server.cli.TextTable.optional;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.JsonNode;

/** {@code systole cluster}. */
@Command(name = "cluster", description = "Shows the members of the native cluster.")
final class ClusterCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin
  private final NodeAccess access;

  @Mixin
  private final DocumentOutput output;

  @Mixin
  private final RowLimit limit = new RowLimit();

  ClusterCommand(CommandContext context) {
    terminal = context.terminal();
    access = new NodeAccess(context.environment());
    output = new DocumentOutput(terminal);
  }

  @Override
  public Integer call() {
    int rowsMax = limit.rows();
    NodeClient client = access.client();
    output.print(
        client, client.send("GET", "/systole/cluster"), document -> lines(document, rowsMax));
    return 0;
  }

  private List<String> lines(JsonNode document, int rowsMax) {
    TextTable table = new TextTable(
        cut("MEMBER"), cut("URL"), fixed("STATE"), fixed("PROTOCOL"), optional("LAST BEAT"));
    JsonNode members = document.path("members");
    for (JsonNode member : members) {
      if (table.rowCount() < rowsMax) {
        table.add(
            Fields.text(member, "name"),
            Fields.text(member, "url"),
            stateOf(member),
            Fields.text(member, "protocolMax"),
            Fields.text(member, "lastBeat"));
      }
    }
    return RowLimit.lines(table, (long) members.size() - table.rowCount(), terminal.columns());
  }

  private static String stateOf(JsonNode member) {
    boolean isDraining = member.path("isDraining").asBoolean(false);
    boolean isComplete = member.path("isComplete").asBoolean(false);
    String state = isDraining ? "leaving" : isComplete ? "complete" : "joining";
    return member.path("isSelf").asBoolean(false) ? state + " (this node)" : state;
  }
}
