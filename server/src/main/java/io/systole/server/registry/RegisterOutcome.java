// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

/** What a registration may come to. */
public enum RegisterOutcome {
  /** The instance holds a lease of one duration from now on. */
  REGISTERED,
  /** It was written before the instance went, and does not bring it back; nothing changed. */
  OUTDATED,
  /** The registry holds as many leases as it may; nothing changed. */
  FULL
}
