// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

/** What keeps an expired lease from being evicted, in the order in which it is asked. */
public enum ProtectionRule {
  /**
   * The node itself could not take renewals around the end of the lease, and has not served for a
   * whole duration of it since. Always on.
   */
  STALL,
  /** Too few renewals arrive from all: self-preservation as stock servers have it (spec §3.5). */
  REGISTRY,
  /** Too many instances of its application have expired at once. */
  APP,
  /** Too many instances of its zone have expired at once. */
  ZONE,
  /** A run ends a share of all leases at most, and the lot fell on others (spec §4.2). */
  CAP
}
