// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

/** A rule that protects expired leases from eviction, in the order of evaluation. */
public enum ProtectionRule {
  /**
   * The node could not accept renewals around the deadline of the lease and has not served for a
   * whole duration since. Always on.
   */
  STALL,
  /** Too few renewals arrive in total: self-preservation as in stock servers (spec §3.5). */
  REGISTRY,
  /** Too many instances of its application have expired at once. */
  APP,
  /** Too many instances of its zone have expired at once. */
  ZONE,
  /** A run evicts at most a share of all leases, selected at random (spec §4.2). */
  CAP
}
