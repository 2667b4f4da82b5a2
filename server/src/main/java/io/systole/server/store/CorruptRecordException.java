// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

/** Thrown when a record has a valid checksum but malformed content. */
final class CorruptRecordException extends Exception {
  private static final long serialVersionUID = 1;

  CorruptRecordException(String message) {
    super(message, null, false, false);
  }
}
