// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

/** How much of an instance is written. */
public enum Form {
  /** Every member (spec §6.1 and §6.4). */
  FULL,
  /** What callers need to find and reach it, without metadata and lease (spec §6.3). */
  COMPACT
}
