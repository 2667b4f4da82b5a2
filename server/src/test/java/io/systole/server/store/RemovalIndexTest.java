// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.registry.Change.Cause;
import io.systole.server.registry.Instances;
import io.systole.server.registry.Origin;
import io.systole.server.time.ManualClock;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lookups of removals in many journals: each read all of them, for seconds. */
class RemovalIndexTest {
  private static final StoreSettings SMALL_FILES =
      new StoreSettings(null, 0, 1_000, 4_000, 1 << 30, 1L << 40, 3_600_000, 1 << 26, 100_000, 0);
  private static final int INSTANCES = 200;

  @TempDir
  private Path directory;

  private final RemovalIndex index = new RemovalIndex();
  private DataDirectory stored = new DataDirectory(Path.of(""));

  @BeforeEach
  void removeInstances() throws Exception {
    stored = new DataDirectory(directory);
    try (StoreFixture fixture = open()) {
      for (int i = 0; i < INSTANCES; i++) {
        fixture.register(Instances.up("A", "i-" + i, 90));
        fixture.step();
        fixture.registry.cancel(key(i), Origin.PEER);
        fixture.step();
      }
    }
    assertThat(stored.journals()).hasSizeGreaterThan(5);
  }

  @Test
  void last_ofEachInstance_isItsLastRemoval() throws Exception {
    try (StoreFixture fixture = open()) {
      fixture.register(Instances.up("A", "i-7", 90));
      fixture.registry.cancel(key(7), Origin.CLIENT);
      fixture.step();
    }

    for (int i = 0; i < INSTANCES; i++) {
      assertThat(index.last(stored, key(i)))
          .as("instance %s", i)
          .extracting(Removal::cause, Removal::origin)
          .containsExactly(Cause.CANCEL, i == 7 ? Origin.CLIENT : Origin.PEER);
    }
  }

  @Test
  void last_ofAnUnknownInstance_readsTheJournalsOnce() throws Exception {
    assertThat(index.last(stored, key(INSTANCES + 1))).isNull();
    long bytes = index.bytesRead();

    for (int i = INSTANCES + 2; i < 2 * INSTANCES; i++) {
      assertThat(index.last(stored, key(i))).isNull();
    }

    assertThat(bytes).isPositive();
    assertThat(index.bytesRead()).isEqualTo(bytes);
  }

  @Test
  void last_ofAnInstanceInAnOldJournal_readsThatOneOnly() throws Exception {
    assertThat(index.last(stored, key(INSTANCES + 1))).isNull();
    long bytes = index.bytesRead();

    assertThat(index.last(stored, key(3))).isNotNull();

    assertThat(index.bytesRead() - bytes).isLessThan(5_000);
  }

  @Test
  void last_ofAnInstanceInTheNewestJournal_readsNoOther() throws Exception {
    assertThat(index.last(stored, key(INSTANCES - 1))).isNotNull();

    assertThat(index.bytesRead()).isLessThan(10_000);
  }

  @Test
  void last_afterMoreWasWritten_readsOnlyTheNewRecords() throws Exception {
    try (StoreFixture fixture = open()) {
      fixture.step();
      assertThat(index.last(stored, key(INSTANCES + 1))).isNull();
      long bytes = index.bytesRead();
      fixture.register(Instances.up("A", "i-" + (INSTANCES + 1), 90));
      fixture.registry.cancel(key(INSTANCES + 1), Origin.CLIENT);
      fixture.step();

      assertThat(index.last(stored, key(INSTANCES + 1))).isNotNull();
      assertThat(index.bytesRead() - bytes).isLessThan(1_000);
    }
  }

  private StoreFixture open() {
    return StoreFixture.open(
        StoreFixture.in(directory, SMALL_FILES), new ManualClock(), Storage.REAL);
  }

  private static InstanceKey key(int i) {
    return new InstanceKey("A", "i-" + i);
  }
}
