// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

/** A setting that stops the start; the message has its name, its value and the range. */
public final class BadSetting extends RuntimeException {
  private static final long serialVersionUID = 1;

  BadSetting(String message) {
    super(message);
  }
}
