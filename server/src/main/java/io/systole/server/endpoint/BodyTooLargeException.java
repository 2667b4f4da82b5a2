// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

/** Thrown when a body exceeds its size limit after decompression. */
final class BodyTooLargeException extends Exception {
  private static final long serialVersionUID = 1;

  BodyTooLargeException(int bytesMax) {
    super("body inflates to more than " + bytesMax + " bytes", null, false, false);
  }
}
