// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import static io.systole.protocol.model.InstanceStatus.OUT_OF_SERVICE;
import static io.systole.protocol.model.InstanceStatus.UP;

import io.systole.protocol.model.InstanceStatus;
import org.jspecify.annotations.Nullable;

/** The rule chain that resolves a status on a server outside AWS; first match wins (spec §2.5). */
final class StatusRules {
  /** A status and the rule that resolved it. */
  record StatusDecision(StatusRule rule, InstanceStatus status) {}

  private StatusRules() {}

  /**
   * Resolves the status of an instance that reports {@code stated}.
   *
   * @param override the status override, or null
   * @param existing the status of the existing lease, or null
   * @param origin the requester; a member has resolved {@code stated} already, except the override
   */
  static StatusDecision resolve(
      InstanceStatus stated,
      @Nullable InstanceStatus override,
      @Nullable InstanceStatus existing,
      Origin origin) {
    if (!isServing(stated)) {
      return new StatusDecision(StatusRule.DOWN_OR_STARTING, stated);
    }
    if (override != null) {
      return new StatusDecision(StatusRule.OVERRIDE_EXISTS, override);
    }
    // A client that reports UP again does not lift an operator's OUT_OF_SERVICE (spec §9).
    if (origin == Origin.CLIENT && existing != null && isServing(existing)) {
      return new StatusDecision(StatusRule.LEASE_EXISTS, existing);
    }
    return new StatusDecision(StatusRule.ALWAYS_MATCH, stated);
  }

  private static boolean isServing(InstanceStatus status) {
    return status == UP || status == OUT_OF_SERVICE;
  }
}
