// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** The change of a lease, or of all leases of an application, by an operator. */
final class LeaseAction {
  private static final int DECLINED = 1;

  private final Terminal terminal;

  @Mixin
  private final DocumentOutput output;

  @Option(names = "--yes", description = "change it without confirmation")
  private boolean isConfirmed;

  LeaseAction(Terminal terminal) {
    this.terminal = terminal;
    output = new DocumentOutput(terminal);
  }

  /** Returns the leases that an action applies to, as part of a question. */
  static String leases(String app, @Nullable String id) {
    return id == null ? "all leases of " + app : "the lease of " + app + " " + id;
  }

  /**
   * Requests the change after a confirmation; returns the exit code.
   *
   * @param question without the node and the question mark
   */
  int runConfirmed(NodeClient client, String method, QueryPath path, String question) {
    if (!isConfirmed) {
      if (!terminal.isInteractive()) {
        throw CommandException.usage("there is no terminal to confirm on; add --yes");
      }
      if (!terminal.confirms(question + " at " + client.url() + "?")) {
        terminal.warn("nothing has been changed");
        return DECLINED;
      }
    }
    return run(client, method, path);
  }

  /** Requests the change; returns the exit code. */
  int run(NodeClient client, String method, QueryPath path) {
    byte[] document = client.send(method, path.toString());
    if (document.length > 0) {
      output.print(client, document, LeaseAction::summary);
    } else if (!output.isJson()) {
      terminal.print(List.of("done"));
    }
    return 0;
  }

  private static List<String> summary(JsonNode document) {
    return WrappedText.lines(Fields.text(document, "summary"), Integer.MAX_VALUE);
  }
}
