// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

/** A record whose checksum is right and which can't be read all the same. */
final class CorruptRecordException extends Exception {
  private static final long serialVersionUID = 1;

  CorruptRecordException(String message) {
    super(message, null, false, false);
  }
}
