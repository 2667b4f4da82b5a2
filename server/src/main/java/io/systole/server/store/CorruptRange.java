// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import java.io.IOException;

/**
 * A range of a file that can't be read.
 *
 * @param file file name without its directory
 * @param offset of the first byte
 * @param length in bytes
 * @param isTail true if nothing readable follows, as after a torn write
 */
public record CorruptRange(String file, long offset, long length, String reason, boolean isTail) {
  /** Returns the range for a file that fails with an I/O error. */
  static CorruptRange unreadable(String file, IOException failure) {
    return new CorruptRange(file, 0, 0, "file can't be read: " + failure.getMessage(), false);
  }

  /** Returns the same range with another reason. */
  CorruptRange withReason(String other) {
    return new CorruptRange(file, offset, length, other, isTail);
  }

  @Override
  public String toString() {
    return "file=%s offset=%d bytes=%d%s reason=%s"
        .formatted(file, offset, length, isTail ? " at the end" : "", reason);
  }
}
