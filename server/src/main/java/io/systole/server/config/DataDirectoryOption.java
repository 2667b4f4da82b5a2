// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The directory of the persistent state.
 *
 * @param path null for no persistence
 */
public record DataDirectoryOption(@Nullable Path path) {
  static final DataDirectoryOption NONE = new DataDirectoryOption(null);

  private static final String NOWHERE = "none";

  static @Nullable DataDirectoryOption parse(String text) {
    if (text.equals(NOWHERE)) {
      return NONE;
    }
    try {
      return text.isEmpty() ? null : new DataDirectoryOption(Path.of(text));
    } catch (InvalidPathException malformed) {
      return null;
    }
  }

  @Override
  public String toString() {
    return path == null ? NOWHERE : path.toString();
  }
}
