// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

/** Who sent a change. */
public enum Origin {
  /** The instance itself, or an operator by the protocol's means, which can't tell them apart. */
  CLIENT,
  /** Another server of the same cluster; such changes are not passed on. */
  PEER,
  /** This node, by itself: evictions, and overrides that a renewal brought into effect. */
  NODE,
  /** An operator, by the node's own resources. */
  OPERATOR
}
