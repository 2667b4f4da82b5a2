// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.renewal;

/** Thrown for bytes that are not as spec §10 requires. It has no stack trace. */
public final class MalformedRenewalsException extends Exception {
  private static final long serialVersionUID = 1;

  MalformedRenewalsException(String message) {
    super(message, null, false, false);
  }
}
