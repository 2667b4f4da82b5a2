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
public record Flaw(String file, long offset, long length, String reason, boolean isTail) {
  /** A file of which the system gives nothing more. */
  static Flaw unreadable(String file, IOException failure) {
    return new Flaw(file, 0, 0, "it can't be read: " + failure.getMessage(), false);
  }

  /** The same stretch for another reason. */
  Flaw because(String other) {
    return new Flaw(file, offset, length, other, isTail);
  }

  @Override
  public String toString() {
    return "file=%s offset=%d bytes=%d%s reason=%s"
        .formatted(file, offset, length, isTail ? " at the end" : "", reason);
  }
}
