// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.registry.ByteBounds;
import io.systole.server.registry.Change;
import io.systole.server.registry.Instances;
import io.systole.server.registry.LeaseRules;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.time.ManualClock;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JournalPositionTest {
  private static final int CHANGES_MAX = 10;
  private static final int BYTES_MAX = 100_000;

  private final ManualClock clock = new ManualClock();
  private final Registry registry = new Registry(
      new RegistrySettings(
          1_000,
          true,
          180_000,
          1_000,
          LeaseRules.STOCK,
          new ByteBounds(Integer.MAX_VALUE, Long.MAX_VALUE, BYTES_MAX)),
      clock,
      0);

  /** Version before the first change. */
  private final long start = registry.version();

  private final JournalPosition position = new JournalPosition(registry.changes(), CHANGES_MAX);

  JournalPositionTest() {
    registry.changes().onAppend(() -> position.onAppend(registry.changes().last()));
  }

  @Test
  void takeAfter_withinTheLimit_returnsEachChangeOnce() {
    register(CHANGES_MAX, "");

    for (int version = 0; version < CHANGES_MAX; version++) {
      assertThat(position.takeAfter(start + version))
          .extracting(Change::version)
          .isEqualTo(start + version + 1);
    }
    assertThat(position.takeAfter(start + CHANGES_MAX)).isNull();
    assertThat(position.isAtEnd()).isTrue();
    assertThat(position.lagChanges()).isEqualTo(CHANGES_MAX);

    position.markWritten();
    assertThat(position.lagChanges()).isZero();
  }

  @Test
  void onAppend_moreChangesThanTheLimit_skipsUntilASnapshot() {
    register(CHANGES_MAX + 1, "");

    assertThat(position.takeAfter(start)).isNull();
    assertThat(position.version()).isEqualTo(start + CHANGES_MAX + 1);
    position.markWritten();
    assertThat(position.lagChanges()).isEqualTo(CHANGES_MAX + 1);

    position.markCovered(start + CHANGES_MAX);
    assertThat(position.lagChanges()).isEqualTo(CHANGES_MAX + 1);
    position.markCovered(start + CHANGES_MAX + 1);
    assertThat(position.lagChanges()).isZero();
  }

  @Test
  void onAppend_moreBytesThanTheLimit_skips() {
    register(3, "x".repeat(BYTES_MAX / 3));

    assertThat(position.version()).isEqualTo(start + 3);
  }

  @Test
  void onAppend_singleOversizedChange_isKept() {
    register(1, "x".repeat(2 * BYTES_MAX));

    assertThat(position.takeAfter(start)).isNotNull();
  }

  @Test
  void onAppend_takenInBetween_countsOnlyUnreadBytes() {
    for (int i = 0; i < 20; i++) {
      register(1, "x".repeat(BYTES_MAX / 2));
      assertThat(position.takeAfter(start + i)).isNotNull();
      position.markWritten();
    }
  }

  @Test
  void lagNs_takenMissingAndUnread_isTheAgeOfTheOldest() {
    assertThat(position.lagNs(clock.monotonicNs())).isZero();
    register(1, "");
    clock.advanceNs(1);
    assertThat(position.lagNs(clock.monotonicNs())).isEqualTo(1);
    assertThat(position.takeAfter(start)).isNotNull();
    clock.advanceNs(1);
    assertThat(position.lagNs(clock.monotonicNs())).isEqualTo(2);

    position.markLost();
    clock.advanceNs(1);
    assertThat(position.lagNs(clock.monotonicNs())).isEqualTo(3);

    position.markCovered(start + 1);
    register(1, "");
    clock.advanceNs(1);
    position.skipToEnd();
    clock.advanceNs(1);
    assertThat(position.lagNs(clock.monotonicNs())).isEqualTo(2);
  }

  private void register(int count, String text) {
    for (int i = 0; i < count; i++) {
      registry.register(
          Instances.up("A", "i", 90).toBuilder().metadata(Map.of("text", text)).build(),
          Origin.CLIENT);
    }
  }
}
