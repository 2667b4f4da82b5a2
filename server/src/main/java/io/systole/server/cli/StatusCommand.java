// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code systole status}. */
@Command(
    name = "status",
    description = "Shows the state of a node. Exit code 4 if self-preservation is active, changes"
        + " are not persisted as configured, a peer is down, or the native cluster is not whole;"
        + " such lines begin with !.")
final class StatusCommand implements Callable<Integer> {
  static final int WRONG = 4;

  private final Terminal terminal;

  @Mixin
  private final NodeAccess access;

  @Mixin
  private final DocumentOutput output;

  StatusCommand(CommandContext context) {
    terminal = context.terminal();
    access = new NodeAccess(context.environment());
    output = new DocumentOutput(terminal);
  }

  @Override
  public Integer call() {
    NodeClient client = access.client();
    var document = output.print(
        client,
        client.send("GET", "/systole/overview"),
        overview -> new Overview(overview).lines(client.url(), terminal.columns()));
    return new Overview(document).isWrong() ? WRONG : 0;
  }
}
