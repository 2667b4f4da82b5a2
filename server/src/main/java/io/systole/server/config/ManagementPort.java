// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import org.jspecify.annotations.Nullable;

/**
 * The port of the management listener.
 *
 * @param number 0..65535, 0 for an ephemeral port; null for no listener
 */
public record ManagementPort(@Nullable Integer number) {
  static final ManagementPort NONE = new ManagementPort(null);

  private static final String ABSENT = "none";

  static @Nullable ManagementPort parse(String text) {
    if (text.equals(ABSENT)) {
      return NONE;
    }
    return text.matches("\\d{1,5}") && Integer.parseInt(text) <= 65_535
        ? new ManagementPort(Integer.valueOf(text))
        : null;
  }

  @Override
  public String toString() {
    return number == null ? ABSENT : number.toString();
  }
}
