// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import io.systole.server.eviction.ProtectionRule;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The enabled protection rules.
 *
 * @param rules at least one of registry, app and zone
 */
record ProtectionScopes(Set<ProtectionRule> rules) {
  private static final Set<ProtectionRule> CHOICES =
      EnumSet.of(ProtectionRule.REGISTRY, ProtectionRule.APP, ProtectionRule.ZONE);

  static @Nullable ProtectionScopes parse(String text) {
    Set<ProtectionRule> rules = EnumSet.noneOf(ProtectionRule.class);
    for (String word : text.split(",", -1)) {
      CHOICES.stream().filter(rule -> Option.nameOf(rule).equals(word)).forEach(rules::add);
      if (CHOICES.stream().noneMatch(rule -> Option.nameOf(rule).equals(word))) {
        return null;
      }
    }
    return new ProtectionScopes(rules);
  }

  @Override
  public String toString() {
    return rules.stream().map(Option::nameOf).collect(Collectors.joining(","));
  }
}
