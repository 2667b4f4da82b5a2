// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

/** What adding to an instance's document may come to. */
public enum MetadataUpdateOutcome {
  UPDATED,
  /** No lease stands, or it has expired. */
  UNKNOWN_INSTANCE,
  /** The document would have more metadata than it may; nothing changed. */
  TOO_MUCH,
  /** The document would take more bytes than one may; nothing changed. */
  TOO_LARGE,
  /** The registry has no room for a larger document now; nothing changed. */
  NO_SPACE
}
