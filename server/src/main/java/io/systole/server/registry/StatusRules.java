// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import static io.systole.protocol.model.InstanceStatus.OUT_OF_SERVICE;
import static io.systole.protocol.model.InstanceStatus.UP;

import io.systole.protocol.model.InstanceStatus;
import org.jspecify.annotations.Nullable;

/** Which status wins: the rule chain of a server outside AWS, first match (spec §2.5). */
final class StatusRules {
  /** A status, and the rule that gave it. */
  record StatusDecision(StatusRule rule, InstanceStatus status) {}

  private StatusRules() {}

  /**
   * Which rule gives an instance its status after it said {@code stated}.
   *
   * @param override what an operator insists on, null when nobody does
   * @param held the status of the lease that stands already, null when there is none
   */
  static StatusDecision resolve(
      InstanceStatus stated,
      @Nullable InstanceStatus override,
      @Nullable InstanceStatus held,
      Origin origin) {
    if (!isServing(stated)) {
      return new StatusDecision(StatusRule.DOWN_OR_STARTING, stated);
    }
    if (override != null) {
      return new StatusDecision(StatusRule.OVERRIDE_EXISTS, override);
    }
    // A client that comes back UP does not lift the OUT_OF_SERVICE an operator relies on (spec §9).
    if (origin == Origin.CLIENT && held != null && isServing(held)) {
      return new StatusDecision(StatusRule.LEASE_EXISTS, held);
    }
    return new StatusDecision(StatusRule.ALWAYS_MATCH, stated);
  }

  private static boolean isServing(InstanceStatus status) {
    return status == UP || status == OUT_OF_SERVICE;
  }
}
