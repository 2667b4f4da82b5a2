// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.JsonNode;

/** A command that prints the rows of one document of the node. */
abstract class RowsCommand implements Callable<Integer> {
  private final Terminal terminal;
  private final String path;
  private final String member;

  @Mixin
  private final NodeAccess access;

  @Mixin
  private final DocumentOutput output;

  @Mixin
  private final RowLimit limit = new RowLimit();

  /**
   * Creates a command.
   *
   * @param path of the document
   * @param member the member of the document that has the rows
   */
  RowsCommand(CommandContext context, String path, String member) {
    this.terminal = context.terminal();
    this.path = path;
    this.member = member;
    this.access = new NodeAccess(context.environment());
    this.output = new DocumentOutput(terminal);
  }

  @Override
  public final Integer call() {
    int rowsMax = limit.rows();
    NodeClient client = access.client();
    output.print(client, client.send("GET", path), document -> lines(document, rowsMax));
    return 0;
  }

  private List<String> lines(JsonNode document, int rowsMax) {
    JsonNode rows = document.path(member);
    TextTable table = table(rows, rowsMax);
    return RowLimit.lines(table, (long) rows.size() - table.rowCount(), terminal.columns());
  }

  /** Returns a table of the first rows, at most {@code rowsMax}. */
  abstract TextTable table(JsonNode rows, int rowsMax);
}
