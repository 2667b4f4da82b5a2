// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

/** {@code systole peers}. */
@Command(name = "peers", description = "Shows the replication to each peer.")
final class PeersCommand extends RowsCommand {
  PeersCommand(CommandContext context) {
    super(context, "/systole/peers", "peers");
  }

  @Override
  TextTable table(JsonNode peers, int rowsMax) {
    return PeersTable.of(peers, rowsMax);
  }
}
