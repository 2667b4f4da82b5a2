// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import static io.systole.server.cli.TextTable.cut;
import static io.systole.server.cli.TextTable.fixed;
import static io.systole.server.cli.TextTable.optional;

import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code systole instances}. */
@Command(name = "instances", description = "Lists instances and their leases.")
final class InstancesCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin
  private final NodeAccess access;

  @Mixin
  private final DocumentOutput output;

  @Mixin
  private final RowLimit limit = new RowLimit();

  @Parameters(
      paramLabel = "APP",
      arity = "0..1",
      description = "only instances of this application")
  private @Nullable String app;

  @Option(
      names = "--status",
      paramLabel = "STATUS",
      description = "only instances with this status, like UP")
  private @Nullable String status;

  @Option(
      names = "--search",
      paramLabel = "TEXT",
      description = "only instances with this text in application, id, host name or address")
  private @Nullable String search;

  InstancesCommand(CommandContext context) {
    terminal = context.terminal();
    access = new NodeAccess(context.environment());
    output = new DocumentOutput(terminal);
  }

  @Override
  public Integer call() {
    String path = new QueryPath("/systole/instances")
        .with("app", app)
        .with("status", status)
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
        cut("ID"),
        fixed("STATUS"),
        fixed("LEASE"),
        cut("ADDRESS"),
        optional("HOST"),
        optional("LAST RENEWAL"));
    for (JsonNode instance : document.path("instances")) {
      String port = Fields.text(instance, "port");
      String override = Fields.text(instance, "overriddenStatus");
      table.add(
          Fields.text(instance, "app"),
          Fields.text(instance, "id"),
          Fields.text(instance, "status") + (override.isEmpty() ? "" : " (override)"),
          Fields.lease(instance),
          Fields.text(instance, "ipAddr") + (port.isEmpty() ? "" : ":" + port),
          Fields.text(instance, "hostName"),
          Fields.text(instance, "lastRenewal"));
    }
    long matching = Fields.number(document, "matching");
    return RowLimit.lines(table, matching - table.rowCount(), terminal.columns());
  }
}
