// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

/** The outcome of a renewal: the rows of spec §2.2. */
public enum RenewOutcome {
  /**
   * Renewed; the document is the registry's, or an older one of the client itself (rows 3, 5, 7).
   */
  RENEWED(true),
  /** There is no lease under this key (row 1). */
  UNKNOWN_INSTANCE(false),
  /** Not renewed: the status is UNKNOWN, and the instance must register again (row 2). */
  STATUS_UNKNOWN(false),
  /** Renewed; the client's document is newer than ours, and it must register again (row 6). */
  CLIENT_IS_NEWER(true),
  /** Renewed; a peer's document is older than ours, and it must take our copy (row 8). */
  PEER_IS_OLDER(true);

  private final boolean isRenewal;

  RenewOutcome(boolean isRenewal) {
    this.isRenewal = isRenewal;
  }

  /** Returns whether the lease was renewed, regardless of the response. */
  public boolean isRenewal() {
    return isRenewal;
  }
}
