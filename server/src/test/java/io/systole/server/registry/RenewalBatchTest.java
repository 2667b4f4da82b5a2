// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.registry.LeaseKey.LookupKey;
import io.systole.server.time.ManualClock;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class RenewalBatchTest {
  private static final int INSTANCES = 40;
  private static final int DURATION_SECS = 90;

  private final ManualClock clock = new ManualClock();
  private final Registry registry = registry();
  private final RenewalBatch batch = new RenewalBatch();

  private Registry registry() {
    return new Registry(new RegistrySettings(INSTANCES, true, 180_000, 1_000), clock);
  }

  private static InstanceInfo instance(int number) {
    // Every third id is longer than the words of a key.
    String id =
        number % 3 == 0 ? "i-" + number : "an-instance-with-a-longer-id.".repeat(3) + number;
    return Instances.up("DEMO", id, DURATION_SECS);
  }

  private void add(int number, long dirtyMs) {
    byte[] bytes = ("demo/" + instance(number).id()).getBytes(StandardCharsets.US_ASCII);
    batch.add(dirtyMs).aim(bytes, 0, 4, bytes.length);
  }

  private List<Boolean> renew(int count) {
    registry.renewal().renew(batch, clock.monotonicNs(), RenewedSlots.NONE);
    List<Boolean> outcomes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      outcomes.add(batch.isRenewed(i));
    }
    return outcomes;
  }

  @Test
  void renew_registeredAndUnknown_reportsEach() {
    registry.register(instance(0), Origin.CLIENT);
    registry.register(instance(1), Origin.CLIENT);
    add(1, Registry.NO_TIMESTAMP);
    add(2, Registry.NO_TIMESTAMP);
    add(0, Registry.NO_TIMESTAMP);
    add(0, Instances.DIRTY_MS + 1); // newer than the registry: 404, although it renews

    assertThat(renew(4)).containsExactly(true, false, true, false);
    assertThat(registry.renewal().count(RenewOutcome.RENEWED)).isEqualTo(2);
    assertThat(registry.renewal().count(RenewOutcome.UNKNOWN_INSTANCE)).isEqualTo(1);
    assertThat(registry.renewal().count(RenewOutcome.CLIENT_IS_NEWER)).isEqualTo(1);
  }

  @Test
  void renew_fullBatch_reportsEach() {
    registry.register(instance(7), Origin.CLIENT);
    for (int i = 0; i < RenewalBatch.SIZE_MAX; i++) {
      add(i == 0 || i == RenewalBatch.SIZE_MAX - 1 ? 7 : 8, Registry.NO_TIMESTAMP);
    }

    List<Boolean> outcomes = renew(RenewalBatch.SIZE_MAX);

    assertThat(outcomes.get(0)).isTrue();
    assertThat(outcomes.get(RenewalBatch.SIZE_MAX - 1)).isTrue();
    assertThat(outcomes).filteredOn(isRenewed -> isRenewed).hasSize(2);
  }

  @Test
  void renew_afterAnother_reportsTheLastOnly() {
    registry.register(instance(1), Origin.CLIENT);
    add(1, Registry.NO_TIMESTAMP);
    add(1, Registry.NO_TIMESTAMP);
    renew(2);
    add(2, Registry.NO_TIMESTAMP);

    assertThat(renew(2)).containsExactly(false, false);
  }

  @Test
  void clear_addedRenewals_areNotPerformed() {
    registry.register(instance(1), Origin.CLIENT);
    add(1, Registry.NO_TIMESTAMP);

    batch.clear();
    renew(0);

    assertThat(registry.renewal().count()).isZero();
  }

  /** An override that is due is applied by the first of two renewals. */
  @Test
  void renew_sameInstanceTwice_performsBothInOrder() {
    InstanceInfo instance = instance(1);
    registry.register(instance, Origin.CLIENT);
    registry.statusOverrides().adopt(instance.key(), InstanceStatus.OUT_OF_SERVICE);
    long before = registry.version();
    add(1, Registry.NO_TIMESTAMP);
    add(1, Registry.NO_TIMESTAMP);

    assertThat(renew(2)).containsExactly(true, true);
    assertThat(registry.version()).isEqualTo(before + 1);
  }

  /** The same operations on two registries, one of which renews one lease after the other. */
  @Test
  void renew_randomOperations_equalsSingleRenewals() {
    for (long seed = 1; seed <= 20; seed++) {
      Random random = new Random(seed);
      Registry other = registry();
      Registry batched = registry();
      for (int round = 0; round < 200; round++) {
        change(random, other, batched);
        int count = random.nextInt(RenewalBatch.SIZE_MAX + 1);
        List<Boolean> expected = new ArrayList<>();
        for (int i = 0; i < count; i++) {
          int number = random.nextInt(INSTANCES);
          long dirtyMs = Instances.DIRTY_MS + random.nextInt(3) - 1;
          LookupKey key = LookupKey.of(instance(number).key());
          RenewOutcome outcome = other.renew(key, clock.monotonicNs(), dirtyMs, Origin.CLIENT);
          expected.add(outcome == RenewOutcome.RENEWED);
          add(number, dirtyMs);
        }

        batched.renewal().renew(batch, clock.monotonicNs(), RenewedSlots.NONE);

        for (int i = 0; i < count; i++) {
          assertThat(batch.isRenewed(i)).as("seed %d", seed).isEqualTo(expected.get(i));
        }
      }
      assertThat(batched.renewal().count()).isEqualTo(other.renewal().count());
      assertThat(batched.version()).isEqualTo(other.version());
    }
  }

  private void change(Random random, Registry... registries) {
    InstanceInfo instance = instance(random.nextInt(INSTANCES));
    int kind = random.nextInt(4);
    clock.advanceMs(random.nextInt(2) * TimeUnit.SECONDS.toMillis(DURATION_SECS));
    for (Registry registry : registries) {
      switch (kind) {
        case 0 -> registry.cancel(instance.key(), Origin.CLIENT);
        case 1 -> registry.expiry().evictExpired(0);
        default -> registry.register(instance, Origin.CLIENT);
      }
    }
  }
}
