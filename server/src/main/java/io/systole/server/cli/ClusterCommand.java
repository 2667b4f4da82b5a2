// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import static io.systole.server.cli.TextTable.cut;
import static io.systole.server.cli.TextTable.fixed;
import static io.systole.server.cli.TextTable.optional;

import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

/** {@code systole cluster}. */
@Command(name = "cluster", description = "Shows the members of the native cluster.")
final class ClusterCommand extends RowsCommand {
  ClusterCommand(CommandContext context) {
    super(context, "/systole/cluster", "members");
  }

  @Override
  TextTable table(JsonNode members, int rowsMax) {
    TextTable table = new TextTable(
        cut("MEMBER"), cut("URL"), fixed("STATE"), fixed("PROTOCOL"), optional("LAST BEAT"));
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
    return table;
  }

  private static String stateOf(JsonNode member) {
    boolean isDraining = member.path("isDraining").asBoolean(false);
    boolean isComplete = member.path("isComplete").asBoolean(false);
    String state = isDraining ? "leaving" : isComplete ? "complete" : "joining";
    return member.path("isSelf").asBoolean(false) ? state + " (this node)" : state;
  }
}
