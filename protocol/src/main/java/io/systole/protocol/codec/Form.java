// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

/** The set of members that a document includes. */
public enum Form {
  /** Every member (spec §6.1 and §6.4). */
  FULL,
  /** Identity, addresses and status of an instance, without metadata and lease (spec §6.3). */
  COMPACT
}
