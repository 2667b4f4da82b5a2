// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

/** The requester of a change. */
public enum Origin {
  /**
   * The instance itself, or an operator who uses the protocol, which does not distinguish the two.
   */
  CLIENT,
  /** Another server of the same cluster; such changes are not replicated further. */
  PEER,
  /** This node: evictions, and overrides applied by a renewal. */
  NODE,
  /** An operator, by the management endpoints. */
  OPERATOR
}
