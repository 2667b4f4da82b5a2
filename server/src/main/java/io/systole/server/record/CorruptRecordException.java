// SPDX-License-Identifier: Apache-2.0
package io.systole.server.record;

/** Thrown when a record has malformed content. */
public final class CorruptRecordException extends Exception {
  private static final long serialVersionUID = 1;

  /** Creates an exception without a stack trace. */
  public CorruptRecordException(String message) {
    super(message, null, false, false);
  }
}
