// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import java.io.IOException;

/**
 * A stretch of a file that can't be read.
 *
 * @param file its name
 * @param offset of its first byte
 * @param length in bytes
 * @param isTail whether nothing readable follows, as when the last write was cut short
 */
public record CorruptRange(String file, long offset, long length, String reason, boolean isTail) {
  /** A file of which the system gives nothing more. */
  static CorruptRange unreadable(String file, IOException failure) {
    return new CorruptRange(file, 0, 0, "it can't be read: " + failure.getMessage(), false);
  }

  /** The same stretch for another reason. */
  CorruptRange because(String other) {
    return new CorruptRange(file, offset, length, other, isTail);
  }

  @Override
  public String toString() {
    return "file=%s offset=%d bytes=%d%s reason=%s"
        .formatted(file, offset, length, isTail ? " at the end" : "", reason);
  }
}
