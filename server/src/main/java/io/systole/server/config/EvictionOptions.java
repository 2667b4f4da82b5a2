// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import static io.systole.server.config.Option.choice;
import static io.systole.server.config.Option.flag;
import static io.systole.server.config.Option.integer;
import static io.systole.server.config.Option.millis;
import static io.systole.server.config.Option.share;

import io.systole.server.eviction.EvictionRules;
import io.systole.server.eviction.ProtectionRule;
import io.systole.server.eviction.RenewalThresholdMode;
import java.util.List;
import java.util.Set;

/** The options of leases and evictions; the defaults are those of stock servers. */
final class EvictionOptions {
  static final Option<LeaseMode> LEASE_MODE = choice(
      "lease-mode",
      "MODE",
      LeaseMode.NETFLIX,
      "validity of a renewed lease: two durations (netflix) or one (strict)");

  static final Option<Long> EVICTION_INTERVAL =
      millis("eviction-interval-ms", 60_000, 100, 3_600_000, "time between eviction runs");

  static final Option<Boolean> SELF_PRESERVATION =
      flag("self-preservation", true, "protect expired leases while too many are missing");

  static final Option<Double> SHARE = share(
      "renewal-share",
      0.85,
      EvictionRules.SHARE_MIN,
      "required share of the expected renewals, of an application or zone, and of all leases after"
          + " an eviction run");

  static final Option<ProtectionScopes> PROTECT = new Option<>(
      "protect",
      "SCOPES",
      new ProtectionScopes(Set.of(ProtectionRule.REGISTRY)),
      "registry, app, zone, separated by commas",
      "scopes whose expired leases are protected while too many of the scope are missing",
      ProtectionScopes::parse);

  static final Option<Long> PROTECT_FOR = millis(
      "protect-for-ms",
      3_600_000,
      0,
      604_800_000,
      "how long the rules app and zone protect an expired lease; 0 means no limit");

  static final Option<RenewalThresholdMode> THRESHOLD = choice(
      "threshold",
      "KIND",
      RenewalThresholdMode.NETFLIX,
      "basis of the expected renewals: counted clients, or leases at their own intervals");

  static final Option<Integer> EXPECTED_CLIENTS = integer(
      "expected-clients",
      "N",
      1,
      0,
      100_000_000,
      "expected clients at the start; 0 counts none until the first recount");

  static final Option<Integer> EXPECTED_INTERVAL =
      integer("expected-interval-s", "S", 30, 1, 3_600, "expected renewal interval of a client");

  static final Option<Long> THRESHOLD_UPDATE_INTERVAL = millis(
      "threshold-update-interval-ms",
      900_000,
      1_000,
      86_400_000,
      "time between recounts of the expected clients");

  static final Option<Long> TOMBSTONE = millis(
      "tombstone-ms",
      0,
      0,
      3_600_000,
      "how long a removed instance rejects registrations older than its removal; 0 disables it");

  static final Option<Integer> MAX_TOMBSTONES =
      integer("max-tombstones", "N", 10_000, 1, 10_000_000, "maximum number of tombstones");

  static final Option<Integer> MAX_LATENESS_APPS = integer(
      "max-lateness-apps",
      "N",
      256,
      1,
      65_536,
      "maximum of applications with renewal delays of their own; the rest is combined");

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
      TOMBSTONE,
      MAX_TOMBSTONES,
      MAX_LATENESS_APPS);

  private EvictionOptions() {}
}
