// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import io.systole.protocol.model.InstanceStatus;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code systole override}. */
@Command(
    name = "override",
    description = "Sets or removes the status override of an instance, or of all instances of an"
        + " application.",
    customSynopsis = {
      "systole override APP [ID] STATUS [OPTIONS]",
      "systole override APP [ID] --remove [OPTIONS]"
    })
final class OverrideCommand implements Callable<Integer> {
  private static final List<String> STATUSES =
      Arrays.stream(InstanceStatus.values()).map(Enum::name).toList();

  @Mixin
  private final NodeAccess access;

  @Mixin
  private final LeaseAction action;

  @Option(names = "--remove", description = "remove the override")
  private boolean isRemoved;

  @Parameters(
      paramLabel = "APP [ID] [STATUS]",
      arity = "1..3",
      description = "application, instance id, and a status: UP, DOWN, STARTING, OUT_OF_SERVICE or"
          + " UNKNOWN")
  private List<String> words = List.of();

  OverrideCommand(CommandContext context) {
    access = new NodeAccess(context.environment());
    action = new LeaseAction(context.terminal());
  }

  @Override
  public Integer call() {
    int names = words.size() - (isRemoved ? 0 : 1);
    if (names < 1 || names > 2) {
      throw CommandException.usage(
          isRemoved ? "expected APP [ID] --remove" : "expected APP [ID] STATUS, or --remove");
    }
    String app = words.get(0);
    String id = names == 2 ? words.get(1) : null;
    QueryPath path = QueryPath.of("override", app, id);
    String instances = id == null ? "all instances of " + app : app + " " + id;
    return isRemoved
        ? action.runConfirmed(
            access.client(), "DELETE", path, "Remove the status override of " + instances)
        : set(path, words.get(names), instances);
  }

  private int set(QueryPath path, String status, String instances) {
    // A forgotten status must not turn an id into the status of a whole application.
    if (!STATUSES.contains(status)) {
      throw CommandException.usage(
          "the status " + status + " is not one of " + String.join(", ", STATUSES));
    }
    return action.runConfirmed(
        access.client(),
        "PUT",
        path.with("value", status),
        "Set the status of " + instances + " to " + status);
  }
}
