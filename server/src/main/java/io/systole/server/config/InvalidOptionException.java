// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

/** An invalid option; the message has its name, its value and its range. */
public final class InvalidOptionException extends RuntimeException {
  private static final long serialVersionUID = 1;

  InvalidOptionException(String message) {
    super(message);
  }
}
