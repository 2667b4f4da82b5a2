// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

/** A body that is longer than allowed once it is inflated. */
final class BodyTooLargeException extends Exception {
  private static final long serialVersionUID = 1;

  BodyTooLargeException(int bytesMax) {
    super("body inflates to more than " + bytesMax + " bytes", null, false, false);
  }
}
