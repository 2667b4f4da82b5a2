// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import java.io.IOException;

/** A file of a format that a later release writes. */
final class UnsupportedFormatException extends IOException {
  private static final long serialVersionUID = 1;

  UnsupportedFormatException(String file, int format) {
    super(file + " has format " + format + ", this release knows " + FileHeader.FORMAT
        + "; nothing in the data directory is touched");
  }
}
