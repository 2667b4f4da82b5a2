// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import io.systole.server.eviction.Rule;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The rules that hold expired leases.
 *
 * @param rules at least one, the cap not among them
 */
record Protections(Set<Rule> rules) {
  private static final Set<Rule> CHOICES = EnumSet.of(Rule.REGISTRY, Rule.APP, Rule.ZONE);

  static @Nullable Protections parse(String text) {
    Set<Rule> rules = EnumSet.noneOf(Rule.class);
    for (String word : text.split(",", -1)) {
      CHOICES.stream().filter(rule -> Setting.nameOf(rule).equals(word)).forEach(rules::add);
      if (CHOICES.stream().noneMatch(rule -> Setting.nameOf(rule).equals(word))) {
        return null;
      }
    }
    return new Protections(rules);
  }

  @Override
  public String toString() {
    return rules.stream().map(Setting::nameOf).collect(Collectors.joining(","));
  }
}
