// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import java.io.IOException;

/** Thrown when a file has a format that only later releases support. */
final class UnsupportedFormatException extends IOException {
  private static final long serialVersionUID = 1;

  UnsupportedFormatException(String file, int format, int supported) {
    super(file + " has format " + format + ", this release supports up to " + supported
        + "; no file in the data directory is changed");
  }
}
