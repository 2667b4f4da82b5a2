// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

/** Versions of the registry as clients tell them back. */
final class Versions {
  /** No version. */
  static final long NONE = -1;

  private Versions() {}

  /** The version, or {@link #NONE} when the text isn't one. */
  static long parse(String text) {
    try {
      long version = Long.parseLong(text);
      return version < 0 ? NONE : version;
    } catch (NumberFormatException notANumber) {
      return NONE;
    }
  }
}
