// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.systole.server.registry.Change;
import io.systole.server.registry.Instances;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.store.FaultyDisk.Call;
import io.systole.server.store.FaultyDisk.Hang;
import io.systole.server.store.StoreCounters.Degradation;
import io.systole.server.time.ManualClock;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A store on a disk that hangs: its lag, memory and shutdown. */
class HangingDiskTest {
  private static final int LAG_MAX = 100;
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  @TempDir
  private Path directory;

  private final ManualClock clock = new ManualClock();
  private final FaultyDisk disk = new FaultyDisk();
  private Store store;
  private Registry registry;

  @BeforeEach
  void start() throws Exception {
    StoreSettings settings = new StoreSettings(
        directory, 0, 0, 1 << 26, 1 << 30, 1L << 40, 3_600_000, 1 << 26, LAG_MAX, 0);
    store = Store.open(settings, clock, "run", disk);
    registry = new Registry(new RegistrySettings(100_000, true, 180_000, 10), clock, 0);
    assertThat(store.restore(registry)).isZero();
    store.startWriting(registry);
    await().atMost(TIMEOUT).until(() -> store.counts().snapshots() == 1);
  }

  @AfterEach
  void stop() {
    store.close(TIMEOUT.toMillis());
  }

  /** The lag was published by the blocked thread, so it stayed 0. */
  @ParameterizedTest
  @EnumSource(
      value = Call.class,
      names = {"WRITE", "SYNC"})
  void lag_diskHangs_isReportedWithItsAge(Call call) throws Exception {
    Hang hang = disk.hangIn(call);
    try {
      register("first");
      hang.awaitReached();
      for (int i = 0; i < 50; i++) {
        register("i-" + i);
      }
      clock.advanceMs(7_000);
      register("late");

      int written = call == Call.SYNC ? 1 : 0;
      assertThat(store.health().lagChanges()).isEqualTo(52 - written);
      assertThat(store.health().lagNs()).isEqualTo(Duration.ofSeconds(7).toNanos());
      assertThat(store.health().operationNs()).isEqualTo(Duration.ofSeconds(7).toNanos());
      assertThat(store.health().degradation())
          .isEqualTo(new Degradation(
              "the disk hangs in the " + (call == Call.SYNC ? "sync" : "write") + " of "
                  + "journal-1767225600000000-0000.log",
              ManualClock.START_WALL_MS));
    } finally {
      hang.release();
    }

    await().atMost(TIMEOUT).until(() -> store.health().lagChanges() == 0);
    assertThat(store.health().degradation()).isNull();
    assertThat(store.health().lagNs()).isZero();
  }

  /** The writer's position and its stack kept all changes since the disk hung. */
  @ParameterizedTest
  @EnumSource(
      value = Call.class,
      names = {"WRITE", "SYNC"})
  void changes_diskHangs_areNotKeptBeyondTheLimit(Call call) throws Exception {
    Hang hang = disk.hangIn(call);
    try {
      register("first");
      hang.awaitReached();
      List<WeakReference<Change>> made = new ArrayList<>();
      for (int i = 0; i < 3 * LAG_MAX; i++) {
        register("i-" + i % 7);
        made.add(new WeakReference<>(registry.changes().last()));
      }

      await().atMost(TIMEOUT).until(() -> {
        System.gc();
        return made.stream().filter(each -> each.get() != null).count() <= LAG_MAX;
      });
      int written = call == Call.SYNC ? 1 : 0;
      assertThat(store.health().lagChanges()).isEqualTo(3 * LAG_MAX + 1 - written);
    } finally {
      hang.release();
    }

    await().atMost(TIMEOUT).until(() -> store.health().lagChanges() == 0);
    assertThat(store.counts().recordsSkipped()).isGreaterThanOrEqualTo(LAG_MAX);
    assertThat(store.counts().snapshots()).isEqualTo(2);
    assertThat(StoreFixture.stateIn(directory)).hasSize(8);
    assertThat(new JournalQuery(directory, corruptRange -> {}).verify().isSound())
        .isTrue();
  }

  /** Changes to leases that the snapshot had already passed were lost. */
  @ParameterizedTest
  @EnumSource(
      value = Call.class,
      names = {"CREATE", "RENAME"})
  void changes_skippedDuringASnapshot_areInTheNextOne(Call call) throws Exception {
    Hang hang = disk.hangIn(call);
    try {
      clock.advanceMs(3_600_000);
      register("first");
      hang.awaitReached();
      for (int i = 0; i < 2 * LAG_MAX; i++) {
        register("i-" + i);
      }
    } finally {
      hang.release();
    }

    await().atMost(TIMEOUT).until(() -> store.health().lagChanges() == 0);
    assertThat(store.counts().snapshots()).isEqualTo(3);
    assertThat(StoreFixture.stateIn(directory)).hasSize(2 * LAG_MAX + 1);
  }

  /** It waited until the disk recovered. */
  @Test
  void close_diskHangs_waitsNoLongerThanTheTimeout() throws Exception {
    Hang hang = disk.hangIn(Call.SYNC);
    try {
      register("first");
      hang.awaitReached();

      long beganNs = System.nanoTime();
      store.close(200);

      // The disk hangs until the end of this test.
      assertThat(System.nanoTime() - beganNs)
          .isGreaterThanOrEqualTo(Duration.ofMillis(200).toNanos());
    } finally {
      hang.release();
    }
  }

  @Test
  void removals_diskHangs_areKnown() throws Exception {
    Hang hang = disk.hangIn(Call.WRITE);
    try {
      register("gone");
      hang.awaitReached();
      registry.cancel(Instances.up("A", "gone", 90).key(), Origin.CLIENT);
      for (int i = 0; i < 2 * LAG_MAX; i++) {
        register("i-" + i);
      }

      assertThat(store.lastKnown(Instances.up("A", "gone", 90).key()))
          .extracting(Removal::cause)
          .isEqualTo(Change.Cause.CANCEL);
    } finally {
      hang.release();
    }
  }

  private void register(String id) {
    registry.register(Instances.up("A", id, 90), Origin.CLIENT);
  }
}
