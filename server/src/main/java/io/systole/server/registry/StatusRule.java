// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

/** The rule that resolved an instance's status. */
public enum StatusRule {
  /** The instance reports DOWN, STARTING or UNKNOWN, which wins over all (rule 1). */
  DOWN_OR_STARTING,
  /** A status override (rule 2). */
  OVERRIDE_EXISTS,
  /** The status of the existing lease, which a client's registration does not change (rule 4). */
  LEASE_EXISTS,
  /** The status restored from an earlier run of the node. */
  RESTORED,
  /** The status that the instance reports (rule 5). */
  ALWAYS_MATCH,
  /** The status set with the removal of an override (spec §3.4). */
  OVERRIDE_LIFTED
}
