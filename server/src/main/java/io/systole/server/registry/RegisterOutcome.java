// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

/** What a registration may come to. */
public enum RegisterOutcome {
  /** The instance holds a lease of one duration from now on. */
  REGISTERED,
  /** It was written before the instance went, and does not bring it back; nothing changed. */
  OUTDATED,
  /** The registry holds as many leases as it may; nothing changed. */
  FULL,
  /** The leases would take more bytes than they may; nothing changed. */
  OVER_BUDGET,
  /** The document or its key takes more bytes than one may; nothing changed. */
  TOO_LARGE,
  /** A reader of the changes is too far behind to take another document; nothing changed. */
  BACKLOGGED;

  /** Whether the registry refused for want of room, its own or the document's. */
  public boolean isRefusal() {
    return this != REGISTERED && this != OUTDATED;
  }
}
