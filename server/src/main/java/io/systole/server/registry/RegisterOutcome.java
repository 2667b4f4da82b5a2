// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

/** The outcome of a registration. */
public enum RegisterOutcome {
  /** The instance holds a lease of one duration from now on. */
  REGISTERED,
  /** The document is no newer than the one that was removed; nothing changed. */
  OUTDATED,
  /** The registry has the maximum number of leases; nothing changed. */
  FULL,
  /** The leases would exceed their limit in bytes; nothing changed. */
  OVER_BUDGET,
  /** The document or its key exceeds its limit in bytes; nothing changed. */
  TOO_LARGE,
  /** A reader of the changes is too far behind to take another document; nothing changed. */
  BACKLOGGED;

  /** Returns whether a limit of the registry caused a refusal. */
  public boolean isRefusal() {
    return this != REGISTERED && this != OUTDATED;
  }
}
