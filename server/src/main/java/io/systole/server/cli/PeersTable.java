// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import static io.systole.server.cli.TextTable.cut;
import static io.systole.server.cli.TextTable.fixed;
import static io.systole.server.cli.TextTable.number;
import static io.systole.server.cli.TextTable.optional;

import tools.jackson.databind.JsonNode;

/** The peers of a node and the replication to them. */
final class PeersTable {
  private PeersTable() {}

  /** Returns a table with at most a number of rows. */
  static TextTable of(JsonNode peers, int rowsMax) {
    TextTable table = new TextTable(
        cut("URL"),
        optional("ADDRESS"),
        fixed("STATE"),
        fixed("LAG"),
        number("DUE"),
        cut("LAST FAILURE"));
    for (JsonNode peer : peers) {
      if (table.rowCount() < rowsMax) {
        table.add(
            Fields.text(peer, "url"),
            Fields.text(peer, "address"),
            Fields.text(peer, "state"),
            Fields.duration(peer, "lagMs"),
            Fields.text(peer, "due"),
            Fields.text(peer, "lastFailure"));
      }
    }
    return table;
  }

  /** Returns the number of peers that are down. */
  static int down(JsonNode peers) {
    int down = 0;
    for (JsonNode peer : peers) {
      if (Fields.text(peer, "state").equals("down")) {
        down++;
      }
    }
    return down;
  }
}
