// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

/** The basis of the expected number of renewals. */
public enum RenewalThresholdMode {
  /** The number of clients as counted by stock servers, with one interval for all (spec §3.5). */
  NETFLIX,
  /** The leases, each with the interval that its instance states. */
  LEASES
}
