// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

/** A setting that stops the start; the message has its name, its value and the range. */
public final class InvalidOptionException extends RuntimeException {
  private static final long serialVersionUID = 1;

  InvalidOptionException(String message) {
    super(message);
  }
}
