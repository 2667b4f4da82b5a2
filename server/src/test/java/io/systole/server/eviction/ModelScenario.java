// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import io.systole.protocol.model.ActionType;
import io.systole.protocol.model.DataCenterInfo;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.LeaseInfo;
import io.systole.server.eviction.EvictionRules.RenewalThresholdMode;
import io.systole.server.registry.LeaseRules;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.time.ManualClock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * The options and instances of a random history.
 *
 * @param seed the seed of the options and of the history
 * @param instances the number of instances, in {@code apps} applications
 * @param isComparing as {@link RegistrySettings#syncWhenTimestampDiffers}
 * @param intervalNs the time between eviction runs
 */
record ModelScenario(
    long seed,
    int apps,
    int instances,
    int leasesMax,
    boolean isComparing,
    boolean isStrict,
    int expectedAtStart,
    long tombstoneMs,
    long intervalNs,
    EvictionRules rules) {
  /** The zones of instances. */
  static final List<String> ZONES = List.of("", "z0", "z1", "z2");

  /** The retention of changes. */
  static final long DELTA_MS = 180_000;

  private static final int DELTA_CHANGES_MAX = 1_000;
  private static final long DIRTY_MS = 1_700_000_000_000L;
  private static final int[] DURATIONS_SECS = {1, 2, 3, 10, 30, 90, 700};
  private static final int[] INTERVALS_SECS = {1, 10, 30};
  private static final int[] EXPECTED_AT_START = {1, 1, 1, 0, 5};
  private static final double[] SHARES = {0.85, 0.85, 0.85, 0.5, 0.95, 0, 1};
  private static final long[] PROTECT_MS = {0, 2_000, 3_600_000};

  /** Every second scenario has the options of a stock server, except sizes. */
  static ModelScenario of(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    boolean isStock = seed % 2 == 0;
    int instances = 1 + random.nextInt(24);
    Set<ProtectionRule> protections = random.nextInt(3) == 0
        ? Set.of(ProtectionRule.APP, ProtectionRule.ZONE)
        : Set.of(ProtectionRule.REGISTRY, ProtectionRule.APP, ProtectionRule.ZONE);
    EvictionRules rules = new EvictionRules(
        random.nextInt(4) > 0,
        isStock ? 0.85 : SHARES[random.nextInt(SHARES.length)],
        isStock ? 30 : INTERVALS_SECS[random.nextInt(INTERVALS_SECS.length)],
        isStock || random.nextBoolean()
            ? RenewalThresholdMode.NETFLIX
            : RenewalThresholdMode.LEASES,
        isStock ? Set.of(ProtectionRule.REGISTRY) : protections,
        PROTECT_MS[random.nextInt(PROTECT_MS.length)]);
    return new ModelScenario(
        seed,
        1 + random.nextInt(3),
        instances,
        random.nextInt(4) == 0 ? 1 + instances / 2 : instances,
        isStock || random.nextInt(4) > 0,
        !isStock && random.nextBoolean(),
        EXPECTED_AT_START[random.nextInt(EXPECTED_AT_START.length)],
        isStock || random.nextBoolean() ? 0 : 1 + random.nextInt(5_000),
        TimeUnit.SECONDS.toNanos(1 + random.nextInt(60)),
        rules);
  }

  RegistrySettings registrySettings() {
    LeaseRules leaseRules = new LeaseRules(isStrict, expectedAtStart, tombstoneMs, 1_000);
    return new RegistrySettings(leasesMax, isComparing, DELTA_MS, DELTA_CHANGES_MAX, leaseRules);
  }

  EvictionSettings evictionSettings() {
    long intervalMs = TimeUnit.NANOSECONDS.toMillis(intervalNs);
    return new EvictionSettings(intervalMs, 900_000, 10, rules);
  }

  List<InstanceKey> keys() {
    List<InstanceKey> keys = new ArrayList<>();
    for (int i = 0; i < instances; i++) {
      keys.add(new InstanceKey("APP" + i % apps, "i-" + i));
    }
    return keys;
  }

  /** Returns the leases restored at startup: some of the instances, or none. */
  List<InstanceInfo> restored() {
    SplittableRandom random = new SplittableRandom(seed * 31 + 7);
    List<InstanceInfo> restored = new ArrayList<>();
    if (random.nextInt(3) == 0) {
      return restored;
    }
    for (InstanceKey key : keys()) {
      if (random.nextInt(3) > 0 && restored.size() < leasesMax) {
        InstanceInfo document = instance(key, random);
        long atMs = ManualClock.START_WALL_MS - random.nextLong(100_000);
        restored.add(document.toBuilder()
            .actionType(ActionType.ADDED)
            .overriddenStatus(InstanceStatus.UNKNOWN)
            .lastUpdatedMs(atMs)
            .leaseInfo(new LeaseInfo(
                document.leaseInfo().renewalIntervalSecs(),
                document.leaseInfo().durationSecs(),
                atMs,
                atMs,
                0,
                atMs))
            .build());
      }
    }
    return restored;
  }

  /** Returns the history of the seed. */
  List<Step> history(int steps) {
    SplittableRandom random = new SplittableRandom(~seed);
    List<InstanceKey> keys = keys();
    List<Step> history = new ArrayList<>(steps);
    for (int i = 0; i < steps; i++) {
      history.add(step(keys.get(random.nextInt(keys.size())), random));
    }
    return history;
  }

  private static Step step(InstanceKey key, SplittableRandom random) {
    Origin origin = random.nextInt(3) > 0 ? Origin.CLIENT : Origin.PEER;
    int what = random.nextInt(100);
    if (what < 18) {
      return new Step.Register(instance(key, random), key, origin);
    }
    if (what < 47) {
      return new Step.Renew(key, dirtyMs(random), origin, status(random));
    }
    if (what < 50) {
      return new Step.Cancel(key, origin);
    }
    if (what < 54) {
      return new Step.SetOverride(key, status(random), dirtyMs(random), origin);
    }
    if (what < 57) {
      return new Step.RemoveOverride(key, status(random), dirtyMs(random), origin);
    }
    if (what < 60) {
      String name = random.nextBoolean() ? "zone" : "color";
      return new Step.AddMetadata(key, name, ZONES.get(random.nextInt(ZONES.size())));
    }
    return stepOfTime(key, what, random);
  }

  private static Step stepOfTime(InstanceKey key, int what, SplittableRandom random) {
    if (what < 71) {
      return new Step.Pass(key, passNs(random));
    }
    if (what < 81) {
      return new Step.PassDeadline(key, random.nextInt(3) - 1);
    }
    if (what < 83) {
      return new Step.StepWall(key, random.nextLong(-7_200_000, 7_200_000));
    }
    if (what < 88) {
      return new Step.EndMinute(key);
    }
    return what < 99 ? new Step.Evict(key) : new Step.Recount(key);
  }

  /** Usually shorter than a duration, sometimes a long pause. */
  private static long passNs(SplittableRandom random) {
    return switch (random.nextInt(40)) {
      case 0 -> random.nextLong(TimeUnit.SECONDS.toNanos(4_000));
      case 1, 2, 3 -> random.nextLong(TimeUnit.SECONDS.toNanos(100));
      case 4, 5, 6 -> random.nextLong(3);
      default -> random.nextLong(TimeUnit.MILLISECONDS.toNanos(1_500));
    };
  }

  private static InstanceInfo instance(InstanceKey key, SplittableRandom random) {
    return InstanceInfo.builder()
        .instanceId(key.id())
        .hostName("h" + random.nextInt(3))
        .app(key.app())
        .ipAddr("10.0.0.1")
        .status(status(random))
        .overriddenStatus(random.nextInt(8) == 0 ? status(random) : InstanceStatus.UNKNOWN)
        .dataCenterInfo(DataCenterInfo.MY_OWN)
        .leaseInfo(new LeaseInfo(
            INTERVALS_SECS[random.nextInt(INTERVALS_SECS.length)],
            DURATIONS_SECS[random.nextInt(DURATIONS_SECS.length)],
            0,
            0,
            0,
            0))
        .metadata(
            random.nextBoolean()
                ? Map.of("zone", ZONES.get(random.nextInt(3)))
                : Map.of("color", "red"))
        .lastDirtyMs(DIRTY_MS + random.nextInt(4))
        .build();
  }

  private static long dirtyMs(SplittableRandom random) {
    int version = random.nextInt(6);
    return version == 5 ? Registry.NO_TIMESTAMP : DIRTY_MS + version;
  }

  /** Returns UP in most cases. */
  private static InstanceStatus status(SplittableRandom random) {
    InstanceStatus[] all = InstanceStatus.values();
    return random.nextInt(5) > 1 ? InstanceStatus.UP : all[random.nextInt(all.length)];
  }
}
