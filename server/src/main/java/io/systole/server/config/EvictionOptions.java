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

/** The settings of leases and their end; by default all is as at stock servers. */
final class EvictionOptions {
  static final Option<LeaseMode> LEASE_MODE = choice(
      "lease-mode",
      "MODE",
      LeaseMode.NETFLIX,
      "how long a renewed lease lives: two durations, or one by strict");

  static final Option<Long> EVICTION_INTERVAL =
      millis("eviction-interval-ms", 60_000, 100, 3_600_000, "time between eviction runs");

  static final Option<Boolean> SELF_PRESERVATION =
      flag("self-preservation", true, "hold expired leases while too many are missing");

  static final Option<Double> SHARE = share(
      "renewal-share",
      0.85,
      EvictionRules.SHARE_MIN,
      "share that must be there: of expected renewals, of an application or zone, of all after a run");

  static final Option<ProtectionScopes> PROTECT = new Option<>(
      "protect",
      "SCOPES",
      new ProtectionScopes(Set.of(ProtectionRule.REGISTRY)),
      "registry, app, zone, separated by commas",
      "what is looked at, and held, as a whole while too much of it is missing",
      ProtectionScopes::parse);

  static final Option<Long> PROTECT_FOR = millis(
      "protect-for-ms",
      3_600_000,
      0,
      604_800_000,
      "how long an expired lease is held for its application or zone; 0 means without end");

  static final Option<RenewalThresholdMode> THRESHOLD = choice(
      "threshold",
      "KIND",
      RenewalThresholdMode.NETFLIX,
      "which renewals are expected: of clients counted, or of the leases at their own intervals");

  static final Option<Integer> EXPECTED_CLIENTS = integer(
      "expected-clients",
      "N",
      1,
      0,
      100_000_000,
      "clients expected at the start; 0 counts none until the first recount");

  static final Option<Integer> EXPECTED_INTERVAL =
      integer("expected-interval-s", "S", 30, 1, 3_600, "how often a client is expected to renew");

  static final Option<Long> THRESHOLD_UPDATE_INTERVAL = millis(
      "threshold-update-interval-ms",
      900_000,
      1_000,
      86_400_000,
      "time between recounts of the clients expected");

  static final Option<Long> TOMBSTONE = millis(
      "tombstone-ms",
      0,
      0,
      3_600_000,
      "how long who went is not brought back by a registration written before; 0 means not at all");

  static final Option<Integer> MAX_TOMBSTONES = integer(
      "max-tombstones", "N", 10_000, 1, 10_000_000, "how many who went are remembered at most");

  static final Option<Integer> MAX_LATENESS_APPS = integer(
      "max-lateness-apps",
      "N",
      256,
      1,
      65_536,
      "applications whose lateness is told apart; the rest is told together");

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
