// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.ActionType;
import io.systole.protocol.model.Application;
import io.systole.protocol.model.AppsHashCode;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.LeaseInfo;
import io.systole.server.time.ManualClock;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What readers see while the registry changes at random: always one moment, and no other. */
class DirectoryTest {
  private static final InstanceStatus[] STATUSES = InstanceStatus.values();
  private static final int STEPS = 400;

  private final ManualClock clock = new ManualClock();
  private final Registry registry =
      new Registry(new RegistrySettings(30, true, 180_000, 10_000), clock);

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34})
  void full_afterEachChange_hasTheHashCodeOfItsInstances(long seed) {
    Random random = new Random(seed);
    for (int step = 0; step < STEPS; step++) {
      change(random);

      RegistrySnapshot full = registry.full();
      assertThat(full.appsHashCode())
          .as("seed %d step %d", seed, step)
          .isEqualTo(AppsHashCode.of(full.applications()));
      assertThat(byKey(full.applications())).hasSize(registry.leaseCount());
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34})
  void delta_appliedToAnyEarlierFull_givesTheNextOne(long seed) {
    Random random = new Random(seed);
    Map<InstanceKey, InstanceInfo> copy = new TreeMap<>(DirectoryTest::compare);
    for (int step = 0; step < STEPS; step++) {
      change(random);
      if (random.nextInt(4) == 0) {
        RegistrySnapshot delta = registry.delta();
        apply(delta.applications(), copy);
        RegistrySnapshot full = registry.full();
        assertThat(signs(copy))
            .as("seed %d step %d", seed, step)
            .isEqualTo(signs(byKey(full.applications())));
        assertThat(delta.appsHashCode()).isEqualTo(full.appsHashCode());
        assertThat(delta.version()).isEqualTo(full.version());
      }
    }
  }

  @Test
  void full_unchangedApplication_givesTheSameDocuments() {
    registry.register(Instances.up("A", "a", 90), Origin.CLIENT);
    registry.register(Instances.up("B", "b", 90), Origin.CLIENT);
    RegistrySnapshot before = registry.full();

    registry.register(Instances.up("B", "b2", 90), Origin.CLIENT);
    RegistrySnapshot after = registry.full();

    assertThat(after.applications().get(0)).isSameAs(before.applications().get(0));
    assertThat(after.applications().get(1).instances()).hasSize(2);
    assertThat(registry.full()).isSameAs(after);
  }

  @Test
  void application_afterItsLastInstanceLeft_isNone() {
    registry.register(Instances.up("A", "a", 90), Origin.CLIENT);

    registry.cancel(new InstanceKey("A", "a"), Origin.CLIENT);

    assertThat(registry.application("A")).isNull();
    assertThat(registry.full().applications()).isEmpty();
    assertThat(registry.full().appsHashCode()).isEmpty();
  }

  @Test
  void findAnywhere_anIdInTwoApplications_isTheOlderApplications() {
    registry.register(Instances.up("B", "same", 90), Origin.CLIENT);
    registry.register(Instances.up("A", "same", 90), Origin.CLIENT);

    assertThat(registry.findAnywhere("same")).extracting(InstanceInfo::app).isEqualTo("B");
    assertThat(registry.findAnywhere("other")).isNull();
  }

  /** One thing that clients, peers, operators or time do. */
  private void change(Random random) {
    InstanceKey key = new InstanceKey("APP" + random.nextInt(4), "i-" + random.nextInt(10));
    InstanceStatus status = STATUSES[random.nextInt(STATUSES.length)];
    Origin origin = random.nextBoolean() ? Origin.CLIENT : Origin.PEER;
    switch (random.nextInt(9)) {
      case 0, 1, 2 -> registry.register(instance(key, status, random), origin);
      case 3 -> registry.cancel(key, Origin.CLIENT);
      case 4 -> registry.override(key, status, Registry.NO_TIMESTAMP, Origin.CLIENT);
      case 5 -> registry.liftOverride(key, status, Registry.NO_TIMESTAMP, Origin.CLIENT);
      case 6 -> {
        registry.adoptOverride(key, status);
        registry.renew(KeyProbe.of(key), clock.monotonicNs(), Registry.NO_TIMESTAMP, Origin.CLIENT);
      }
      case 7 -> registry.addMetadata(key, Map.of("k", Integer.toString(random.nextInt())));
      default -> {
        clock.advanceMs(100);
        registry.evictExpired(0);
      }
    }
  }

  private static InstanceInfo instance(InstanceKey key, InstanceStatus status, Random random) {
    return Instances.up(key.app(), key.id(), 1 + random.nextInt(3)).toBuilder()
        .status(status)
        .lastDirtyMs(Instances.DIRTY_MS + random.nextInt(3))
        .build();
  }

  private static void apply(List<Application> delta, Map<InstanceKey, InstanceInfo> copy) {
    byKey(delta).forEach((key, instance) -> {
      if (instance.actionType() == ActionType.DELETED) {
        copy.remove(key);
      } else {
        copy.put(key, instance);
      }
    });
  }

  private static Map<InstanceKey, InstanceInfo> byKey(List<Application> applications) {
    Map<InstanceKey, InstanceInfo> instances = new TreeMap<>(DirectoryTest::compare);
    for (Application application : applications) {
      application.instances().forEach(instance -> instances.put(instance.key(), instance));
    }
    return instances;
  }

  /** All but the renewal stamp: a renewal is no change, and no delta tells of it. */
  private static Map<InstanceKey, String> signs(Map<InstanceKey, InstanceInfo> instances) {
    Map<InstanceKey, String> signs = new TreeMap<>(DirectoryTest::compare);
    instances.forEach((key, instance) ->
        signs.put(key, instance.toBuilder().leaseInfo(LeaseInfo.DEFAULT).build().toString()));
    return signs;
  }

  private static int compare(InstanceKey one, InstanceKey other) {
    int byApp = one.app().compareTo(other.app());
    return byApp == 0 ? one.id().compareTo(other.id()) : byApp;
  }
}
