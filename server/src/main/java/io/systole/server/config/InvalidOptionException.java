// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

/** An invalid option; the message contains its name, value and range. */
public final class InvalidOptionException extends RuntimeException {
  private static final long serialVersionUID = 1;

  InvalidOptionException(String message) {
    super(message);
  }
}
