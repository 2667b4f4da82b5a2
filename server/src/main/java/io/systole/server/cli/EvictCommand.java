// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code systole evict}. */
@Command(
    name = "evict",
    description = "Ends a lease, or all leases of an application, valid or not. Live instances"
        + " register again; to take them out of service, use systole override.")
final class EvictCommand implements Callable<Integer> {
  @Mixin
  private final NodeAccess access;

  @Mixin
  private final LeaseAction action;

  @Parameters(index = "0", paramLabel = "APP", description = "application")
  private String app = "";

  @Parameters(index = "1", paramLabel = "ID", arity = "0..1", description = "instance id")
  private @Nullable String id;

  EvictCommand(CommandContext context) {
    access = new NodeAccess(context.environment());
    action = new LeaseAction(context.terminal());
  }

  @Override
  public Integer call() {
    QueryPath path = QueryPath.of("evict", app, id);
    return action.runConfirmed(
        access.client(), "POST", path, "Evict " + LeaseAction.leases(app, id));
  }
}
