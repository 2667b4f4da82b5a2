// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import static io.systole.server.config.Option.choice;
import static io.systole.server.config.Option.duration;
import static io.systole.server.config.Option.flag;
import static io.systole.server.config.Option.integer;
import static io.systole.server.config.Option.seconds;
import static io.systole.server.config.Option.share;

import io.systole.server.eviction.EvictionRules;
import io.systole.server.eviction.EvictionRules.RenewalThresholdMode;
import io.systole.server.eviction.ProtectionRule;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The options of leases and evictions; the defaults are those of stock servers. */
final class EvictionOptions {
  /** The validity of a renewed lease. */
  enum LeaseMode {
    /** Two durations, as in stock servers. */
    NETFLIX,
    /** One duration. */
    STRICT
  }

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

  static final Option<LeaseMode> LEASE_MODE = choice(
      "leases.lease-mode",
      "MODE",
      LeaseMode.NETFLIX,
      "validity of a renewed lease: two durations (netflix) or one (strict)");

  static final Option<Long> EVICTION_INTERVAL =
      duration("leases.eviction-interval", 60_000, 100, 3_600_000, "time between eviction runs");

  static final Option<Boolean> SELF_PRESERVATION = flag(
          "leases.self-preservation", true, "protect expired leases while too many are missing")
      .reloadable();

  static final Option<Double> SHARE = share(
          "leases.renewal-share",
          0.85,
          EvictionRules.SHARE_MIN,
          "required share of the expected renewals, of an application or zone, and of all leases"
              + " after an eviction run")
      .reloadable();

  static final Option<ProtectionScopes> PROTECT = new Option<>(
          "leases.protect",
          "SCOPES",
          new ProtectionScopes(Set.of(ProtectionRule.REGISTRY)),
          "registry, app, zone, separated by commas",
          "scopes whose expired leases are protected while too many of the scope are missing",
          ProtectionScopes::parse)
      .reloadable();

  static final Option<Long> PROTECT_FOR = duration(
          "leases.protect-for",
          3_600_000,
          0,
          604_800_000,
          "how long the rules app and zone protect an expired lease; 0 means no limit")
      .reloadable();

  static final Option<RenewalThresholdMode> THRESHOLD = choice(
          "leases.threshold",
          "KIND",
          RenewalThresholdMode.NETFLIX,
          "basis of the expected renewals: counted clients, or leases at their own intervals")
      .reloadable();

  static final Option<Integer> EXPECTED_CLIENTS = integer(
      "leases.expected-clients",
      "N",
      1,
      0,
      100_000_000,
      "expected clients at startup; 0 counts none until the first recount");

  static final Option<Integer> EXPECTED_INTERVAL = seconds(
          "leases.expected-interval", 30, 1, 3_600, "expected renewal interval of a client")
      .reloadable();

  static final Option<Long> THRESHOLD_UPDATE_INTERVAL = duration(
      "leases.threshold-update-interval",
      900_000,
      1_000,
      86_400_000,
      "time between recounts of the expected clients");

  static final Option<Long> TOMBSTONE = duration(
      "leases.tombstone",
      0,
      0,
      3_600_000,
      "how long a removed instance rejects registrations older than its removal; 0 disables it");

  static final List<Option<?>> ALL = List.of(
      LEASE_MODE,
      EVICTION_INTERVAL,
      SELF_PRESERVATION,
      SHARE,
      PROTECT,
      PROTECT_FOR,
      THRESHOLD,
      EXPECTED_CLIENTS,
      EXPECTED_INTERVAL,
      THRESHOLD_UPDATE_INTERVAL,
      TOMBSTONE);

  private EvictionOptions() {}
}
