// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.DataCenterInfo;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.LeaseInfo;
import io.systole.server.time.ManualClock;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LeaseCountsTest {
  private static final int STEPS = 5_000;

  private final ManualClock clock = new ManualClock();
  private final Registry registry = new Registry(new RegistrySettings(50, true, 1_000, 10), clock);

  @Test
  void zoneOf_metadataThenAmazon_elseNone() {
    InstanceInfo plain = Instances.up("A", "i", 90);
    InstanceInfo amazon = plain.toBuilder()
        .dataCenterInfo(new DataCenterInfo("Amazon", Map.of("availability-zone", "eu-1a")))
        .build();
    InstanceInfo both = amazon.toBuilder().metadata(Map.of("zone", "mine")).build();

    assertThat(LeaseCounts.zoneOf(plain)).isEmpty();
    assertThat(LeaseCounts.zoneOf(amazon)).isEqualTo("eu-1a");
    assertThat(LeaseCounts.zoneOf(both)).isEqualTo("mine");
  }

  /** The sums over all leases, and nothing after all have been removed. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void counts_afterRandomOperations_areThoseOfTheLeases(long seed) {
    Random random = new Random(seed);

    for (int step = 0; step < STEPS; step++) {
      InstanceKey key = new InstanceKey("A" + random.nextInt(5), "i" + random.nextInt(15));
      switch (random.nextInt(8)) {
        case 5 -> registry.statusOverrides().set(key, anyStatus(random), 0, Origin.OPERATOR);
        case 6 -> registry.statusOverrides().remove(key, anyStatus(random), 0, Origin.OPERATOR);
        case 0, 1, 2 -> registry.register(document(key, random), Origin.CLIENT);
        case 3 -> registry.cancel(key, Origin.CLIENT);
        case 4 -> registry.addMetadata(key, Map.of("zone", "z" + random.nextInt(3)));
        default -> {
          clock.advanceMs(random.nextInt(4_000));
          registry.expiry().evictExpired(0);
        }
      }
      checkSums(seed, step);
    }
    clock.advanceMs(1_000_000);
    registry.expiry().evictExpired(0);
    assertThat(registry.leaseCount()).isZero();
    assertThat(registry.leaseCounts().ofZone("")).isZero();
    assertThat(registry.leaseCounts().renewalsPerMinute()).isZero();
    assertThat(registry.leaseCounts().appCount()).isZero();
  }

  private void checkSums(long seed, int step) {
    int apps = 0;
    int zones = registry.leaseCounts().ofZone("");
    for (int i = 0; i < 5; i++) {
      apps += registry.leaseCounts().ofApp("A" + i);
      zones += registry.leaseCounts().ofZone("z" + i);
    }
    assertThat(apps).as("seed %d step %d", seed, step).isEqualTo(registry.leaseCount());
    assertThat(zones).as("seed %d step %d", seed, step).isEqualTo(registry.leaseCount());
    checkStatuses(seed, step);
  }

  private void checkStatuses(long seed, int step) {
    int[] expected = new int[InstanceStatus.values().length];
    Set<String> apps = new HashSet<>();
    registry.forEachLease(lease -> {
      expected[lease.instance().status().ordinal()]++;
      apps.add(lease.instance().app());
    });
    int[] counted = Arrays.stream(InstanceStatus.values())
        .mapToInt(registry.leaseCounts()::ofStatus)
        .toArray();
    assertThat(counted).as("seed %d step %d", seed, step).isEqualTo(expected);
    assertThat(registry.leaseCounts().appCount()).isEqualTo(apps.size());
  }

  private static InstanceStatus anyStatus(Random random) {
    return InstanceStatus.values()[random.nextInt(InstanceStatus.values().length)];
  }

  private static InstanceInfo document(InstanceKey key, Random random) {
    return Instances.up(key.app(), key.id(), 30).toBuilder()
        .leaseInfo(new LeaseInfo(1 + random.nextInt(40), 1 + random.nextInt(60), 0, 0, 0, 0))
        .metadata(random.nextBoolean() ? Map.of() : Map.of("zone", "z" + random.nextInt(3)))
        .build();
  }

  @Test
  void expected_countsAsStockServersDo() {
    ExpectedClients expected = new ExpectedClients(1);
    expected.increment();
    expected.increment();
    expected.decrement();
    assertThat(expected.count()).isEqualTo(2);

    ExpectedClients none = new ExpectedClients(0);
    none.increment();
    none.decrement();
    assertThat(none.count()).isZero();
  }

  @Test
  void recount_lossThatIndicatesAFailure_keepsTheCount() {
    ExpectedClients expected = new ExpectedClients(100);

    expected.recount(85, 0.85, true);
    assertThat(expected.count()).isEqualTo(100);

    expected.recount(86, 0.85, true);
    assertThat(expected.count()).isEqualTo(86);

    expected.recount(3, 0.85, false);
    assertThat(expected.count()).isEqualTo(3);
  }
}
