// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

/** The requester of a change. The journal stores the ordinals, so constants are only appended. */
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
  OPERATOR,
  /**
   * Another member of the native cluster, which accepted the change of a client or operator, or
   * evicted the instance.
   */
  MEMBER,
  /**
   * Another member of the native cluster, which accepted the change of a stock peer; such changes
   * are not replicated to peers.
   */
  MEMBER_PEER;

  /** Returns whether another member of the native cluster accepted the change. */
  public boolean isMember() {
    return this == MEMBER || this == MEMBER_PEER;
  }
}
