// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

/** What a renewal may come to: the rows of spec §2.2. */
public enum RenewOutcome {
  /** Renewed; the client's copy is the registry's, or older and the client's own (rows 3, 5, 7). */
  RENEWED(true),
  /** No lease stands under this key (row 1). */
  UNKNOWN_INSTANCE(false),
  /** The instance's status is UNKNOWN: it must register anew to say what it is (row 2). */
  STATUS_UNKNOWN(false),
  /** Renewed, but the client's document is newer than ours: it must register again (row 6). */
  CLIENT_IS_NEWER(true),
  /** Renewed, but a peer's document is older than ours: it must take our copy (row 8). */
  PEER_IS_OLDER(true);

  private final boolean isRenewal;

  RenewOutcome(boolean isRenewal) {
    this.isRenewal = isRenewal;
  }

  /** Whether the lease was extended, whatever is answered. */
  public boolean isRenewal() {
    return isRenewal;
  }
}
