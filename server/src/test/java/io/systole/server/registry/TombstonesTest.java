// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import static io.systole.server.registry.Instances.DIRTY_MS;
import static io.systole.server.registry.RegisterOutcome.OUTDATED;
import static io.systole.server.registry.RegisterOutcome.REGISTERED;
import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.time.ManualClock;
import org.junit.jupiter.api.Test;

class TombstonesTest {
  private static final long KEPT_MS = 10_000;
  private static final int TOMBSTONES_MAX = 3;

  private final ManualClock clock = new ManualClock();
  private Registry registry = registry(KEPT_MS);

  @Test
  void register_asOldAsTheCancelled_isOutdated() {
    register("i", DIRTY_MS);
    cancel("i");

    assertThat(register("i", DIRTY_MS)).isEqualTo(OUTDATED);
    assertThat(register("i", DIRTY_MS - 1)).isEqualTo(OUTDATED);

    assertThat(registry.leaseCount()).isZero();
    assertThat(registry.counters().registrations(RegisterOutcome.OUTDATED)).isEqualTo(2);
  }

  @Test
  void register_asOldAsTheEvicted_isOutdated() {
    register("i", DIRTY_MS);
    clock.advanceMs(90_001);
    registry.expiry().evictExpired(0);

    assertThat(register("i", DIRTY_MS)).isEqualTo(OUTDATED);
  }

  @Test
  void register_newerThanTheRemoved_clearsTheTombstone() {
    register("i", DIRTY_MS);
    cancel("i");

    assertThat(register("i", DIRTY_MS + 1)).isEqualTo(REGISTERED);
    assertThat(register("i", DIRTY_MS)).isEqualTo(REGISTERED);
  }

  @Test
  void register_afterTheRetention_isAccepted() {
    register("i", DIRTY_MS);
    cancel("i");
    clock.advanceMs(KEPT_MS);
    assertThat(register("i", DIRTY_MS)).isEqualTo(OUTDATED);

    clock.advanceMs(1);

    assertThat(register("i", DIRTY_MS)).isEqualTo(REGISTERED);
  }

  @Test
  void register_beyondTheMaximumOfTombstones_theOldestIsDropped() {
    for (int i = 0; i <= TOMBSTONES_MAX; i++) {
      register("i" + i, DIRTY_MS);
      cancel("i" + i);
    }

    assertThat(register("i0", DIRTY_MS)).isEqualTo(REGISTERED);
    assertThat(register("i1", DIRTY_MS)).isEqualTo(OUTDATED);
  }

  @Test
  void register_withoutTombstones_isAccepted() {
    registry = registry(0);
    register("i", DIRTY_MS);
    cancel("i");

    assertThat(register("i", DIRTY_MS)).isEqualTo(REGISTERED);
  }

  private Registry registry(long keptMs) {
    LeaseRules rules = new LeaseRules(false, 1, keptMs, TOMBSTONES_MAX);
    return new Registry(new RegistrySettings(10, true, 1_000, 10, rules), clock);
  }

  private RegisterOutcome register(String id, long dirtyMs) {
    return registry.register(
        Instances.up("A", id, 90).toBuilder().lastDirtyMs(dirtyMs).build(), Origin.CLIENT);
  }

  private void cancel(String id) {
    registry.cancel(new InstanceKey("A", id), Origin.CLIENT);
  }
}
