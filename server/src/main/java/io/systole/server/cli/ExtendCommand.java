// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code systole extend}, which ends nothing and so needs no confirmation. */
@Command(
    name = "extend",
    description =
        "Extends a lease, or all leases of an application, to at least one duration from" + " now.")
final class ExtendCommand implements Callable<Integer> {
  @Mixin
  private final NodeAccess access;

  @Mixin
  private final LeaseAction action;

  @Parameters(index = "0", paramLabel = "APP", description = "application")
  private String app = "";

  @Parameters(index = "1", paramLabel = "ID", arity = "0..1", description = "instance id")
  private @Nullable String id;

  ExtendCommand(CommandContext context) {
    access = new NodeAccess(context.environment());
    action = new LeaseAction(context.terminal());
  }

  @Override
  public Integer call() {
    return action.run(access.client(), "POST", QueryPath.of("extend", app, id));
  }
}
