// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

/** The outcome of an update of an instance's metadata. */
public enum MetadataUpdateOutcome {
  UPDATED,
  /** There is no lease, or it has expired. */
  UNKNOWN_INSTANCE,
  /** The document would have more metadata than it may; nothing changed. */
  TOO_MUCH,
  /** The document would take more bytes than one may; nothing changed. */
  TOO_LARGE,
  /** The registry cannot take a larger document now; nothing changed. */
  NO_SPACE
}
