// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import static io.systole.server.cli.TextTable.cut;
import static io.systole.server.cli.TextTable.fixed;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code systole explain}. */
@Command(
    name = "explain",
    description =
        "Explains the state of an application or an instance, or when and why a lease" + " ended.")
final class ExplainCommand implements Callable<Integer> {
  private static final int LABEL_WIDTH = 16;

  private final Terminal terminal;

  @Mixin
  private final NodeAccess access;

  @Mixin
  private final DocumentOutput output;

  @Mixin
  private final RowLimit limit = new RowLimit();

  @Parameters(index = "0", paramLabel = "APP", description = "application")
  private String app = "";

  @Parameters(index = "1", paramLabel = "ID", arity = "0..1", description = "instance id")
  private @Nullable String id;

  ExplainCommand(CommandContext context) {
    terminal = context.terminal();
    access = new NodeAccess(context.environment());
    output = new DocumentOutput(terminal);
  }

  @Override
  public Integer call() {
    QueryPath path = QueryPath.of("explain", app, id);
    if (id == null) {
      path.with("limit", Integer.toString(limit.rows()));
    }
    NodeClient client = access.client();
    output.print(
        client,
        client.send("GET", path.toString()),
        document -> id == null ? application(document) : instance(document));
    return 0;
  }

  private List<String> application(JsonNode document) {
    int width = terminal.columns();
    List<String> lines =
        new ArrayList<>(WrappedText.lines(Fields.text(document, "summary"), width));
    lines.add("");
    add(lines, "instances", Fields.text(document, "instances"));
    add(lines, "statuses", Fields.counts(document, "statuses"));
    add(lines, "expired", Fields.text(document, "expired"));
    add(lines, "protected", Fields.text(document, "protected"));
    add(lines, "by rule", Fields.counts(document, "protectedByRule"));
    add(lines, "late", Fields.text(document, "late"));
    TextTable table = new TextTable(cut("ID"), fixed("STATE"), cut("SUMMARY"));
    for (JsonNode instance : document.path("instancesExpired")) {
      table.add(
          Fields.text(instance, "id"),
          Fields.text(instance, "state"),
          Fields.text(instance, "summary"));
    }
    if (table.rowCount() > 0) {
      lines.add("");
      long omitted = Fields.number(document, "expired") - table.rowCount();
      lines.addAll(RowLimit.lines(table, omitted, width));
    }
    return lines;
  }

  private List<String> instance(JsonNode document) {
    String name = Fields.text(document, "app") + " " + Fields.text(document, "id") + ": "
        + Fields.text(document, "state");
    List<String> lines = new ArrayList<>(WrappedText.lines(name, terminal.columns()));
    lines.addAll(WrappedText.lines(Fields.text(document, "summary"), terminal.columns()));
    lines.add("");
    JsonNode lease = document.path("lease");
    add(lines, "registered", Fields.text(lease, "registeredAt"));
    add(lines, "registered", Fields.text(document, "registeredAt"));
    add(lines, "restored", Fields.text(lease, "restoredAt"));
    add(lines, "last renewal", Fields.text(lease, "lastRenewalAt"));
    add(lines, "deadline", Fields.text(lease, "deadlineAt"));
    JsonNode status = document.path("status");
    add(lines, "status", Fields.text(document, "status"));
    add(lines, "status", Fields.text(status, "status"));
    add(lines, "", Fields.text(status, "because"));
    for (JsonNode protection : document.path("eviction").path("protectedBy")) {
      add(lines, "protected by", Fields.text(protection, "because"));
      add(lines, "released by", Fields.text(protection, "release"));
    }
    add(lines, "removed", Fields.text(document, "removedAt"));
    add(lines, "cause", Fields.text(document, "cause"));
    add(lines, "by", Fields.text(document, "by"));
    add(lines, "read from", Fields.text(document, "source"));
    return lines;
  }

  /** Adds a member of the document, if present. */
  private void add(List<String> lines, String name, String text) {
    if (!text.isEmpty()) {
      String label = name + " ".repeat(LABEL_WIDTH - name.length());
      lines.addAll(WrappedText.lines(label, text, terminal.columns()));
    }
  }
}
