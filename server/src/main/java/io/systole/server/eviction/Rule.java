// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

/** What keeps an expired lease from being evicted, in the order in which it is asked. */
public enum Rule {
  /** Too few renewals arrive from all: self-preservation as stock servers have it (spec §3.5). */
  REGISTRY,
  /** Too many instances of its application have expired at once. */
  APP,
  /** Too many instances of its zone have expired at once. */
  ZONE,
  /** A run ends a share of all leases at most, and the lot fell on others (spec §4.2). */
  CAP
}
