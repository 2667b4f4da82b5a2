// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

/** What the renewals that arrive are held against. */
public enum RenewalThresholdMode {
  /** Clients counted as stock servers do, all at one interval (spec §3.5). */
  NETFLIX,
  /** The leases that stand, each at the interval that its instance states. */
  LEASES
}
