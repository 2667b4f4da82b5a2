// SPDX-License-Identifier: Apache-2.0
package io.systole.server.auth;

/** A permission. */
public enum Role {
  /**
   * Reads the registry, metrics and explanations. Included in {@link #PEER} and {@link #MANAGE}.
   */
  READ,
  /** Registers, renews, changes and cancels instances. */
  REGISTER,
  /** Replicates the changes of another server. */
  PEER,
  /** Evicts and extends leases by hand, and simulates. */
  MANAGE
}
