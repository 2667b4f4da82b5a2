// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The host names that requests may address.
 *
 * @param names in lower case; empty for any
 */
public record AllowedHosts(List<String> names) {
  static final AllowedHosts ANY = new AllowedHosts(List.of());

  private static final String ALL = "any";

  static @Nullable AllowedHosts parse(String text) {
    if (text.equals(ALL)) {
      return ANY;
    }
    List<String> names = List.of(text.toLowerCase(Locale.ROOT).split(",", -1));
    return names.stream().allMatch(name -> name.matches("[a-z0-9._-]+"))
        ? new AllowedHosts(names)
        : null;
  }

  @Override
  public String toString() {
    return names.isEmpty() ? ALL : String.join(",", names);
  }
}
