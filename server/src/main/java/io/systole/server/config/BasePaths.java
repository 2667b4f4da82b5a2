// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The base paths of the protocol.
 *
 * @param paths at least one; each begins with a slash and does not end with one
 */
public record BasePaths(List<String> paths) {
  /** The base paths of Systole's, Spring's and Netflix's clients (spec §1.1). */
  static final BasePaths DEFAULT = new BasePaths(List.of("/v2", "/eureka", "/eureka/v2"));

  static @Nullable BasePaths parse(String text) {
    List<String> paths = List.of(text.split(","));
    return paths.stream().allMatch(path -> path.matches("(/[A-Za-z0-9._~-]+)+"))
        ? new BasePaths(paths)
        : null;
  }

  @Override
  public String toString() {
    return String.join(",", paths);
  }
}
