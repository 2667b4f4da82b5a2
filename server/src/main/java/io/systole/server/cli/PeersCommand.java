// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.JsonNode;

/** {@code systole peers}. */
@Command(name = "peers", description = "Shows the replication to each peer.")
final class PeersCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin
  private final NodeAccess access;

  @Mixin
  private final DocumentOutput output;

  @Mixin
  private final RowLimit limit = new RowLimit();

  PeersCommand(CommandContext context) {
    terminal = context.terminal();
    access = new NodeAccess(context.environment());
    output = new DocumentOutput(terminal);
  }

  @Override
  public Integer call() {
    int rowsMax = limit.rows();
    NodeClient client = access.client();
    output.print(
        client, client.send("GET", "/systole/peers"), document -> lines(document, rowsMax));
    return 0;
  }

  private List<String> lines(JsonNode document, int rowsMax) {
    JsonNode peers = document.path("peers");
    TextTable table = PeersTable.of(peers, rowsMax);
    return RowLimit.lines(table, (long) peers.size() - table.rowCount(), terminal.columns());
  }
}
