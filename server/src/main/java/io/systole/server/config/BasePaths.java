// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The base paths under which the protocol is served.
 *
 * @param paths each begins with a slash and doesn't end with one; at least one
 */
public record BasePaths(List<String> paths) {
  /** What clients in the field use: ours, Spring's, and Netflix's (spec §1.1). */
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
