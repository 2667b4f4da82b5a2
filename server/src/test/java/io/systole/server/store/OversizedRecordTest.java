// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceInfo;
import io.systole.server.registry.Instances;
import io.systole.server.time.ManualClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Documents larger than a record can be. Writers wrote such records, and readers refused them: one
 * large instance made all snapshots unreadable, and every other instance was lost.
 */
class OversizedRecordTest {
  private static final StoreSettings SMALL = new StoreSettings(
      null, 0, 1_000, 1 << 20, 16 << 20, 1L << 40, 3_600_000, 1 << 26, 100_000, 0);

  @TempDir
  private Path directory;

  private final ManualClock clock = new ManualClock();

  @Test
  void instance_oversized_isOmittedFromTheJournalAndTheOthersAreKept() throws Exception {
    List<JournalEntry> entries = new ArrayList<>();
    try (StoreFixture fixture = StoreFixture.open(directory, clock)) {
      fixture.step();
      fixture.register(Instances.up("A", "before", 90));
      fixture.register(large("large", FrameLayout.RECORD_BYTES_MAX + 1));
      fixture.register(Instances.up("A", "after", 90));
      fixture.step();

      assertThat(fixture.store.counts().isDegraded()).isTrue();
      assertThat(fixture.store.counts().recordsOmitted()).isPositive();
    }

    assertThat(StoreFixture.stateIn(directory)).hasSize(2);
    JournalQuery query = new JournalQuery(directory, corruptRange -> {});
    query.read(entries::add);
    assertThat(entries).hasAtLeastOneElementOfType(JournalEntry.Omitted.class);
    assertThat(query.verify().isSound()).isTrue();
  }

  @Test
  void instance_oversized_isOmittedFromSnapshotsAndTheOthersAreKept() throws Exception {
    try (StoreFixture fixture = StoreFixture.open(directory, clock)) {
      for (int i = 0; i < 100; i++) {
        fixture.register(Instances.up("A", "i-" + i, 90));
      }
      fixture.register(large("large", 8 << 20));
      fixture.end();
      assertThat(fixture.store.counts().isDegraded()).isTrue();
    }

    try (StoreFixture again = StoreFixture.open(directory, clock)) {
      assertThat(again.restored).isEqualTo(100);
      assertThat(again.store.counts().corruptRanges()).isZero();
    }
  }

  @Test
  void instance_thatShrank_isStoredAgainAndTheStoreIsComplete() throws Exception {
    try (StoreFixture fixture = StoreFixture.open(directory, clock)) {
      fixture.register(large("large", 8 << 20));
      fixture.step();
      assertThat(fixture.store.counts().isDegraded()).isTrue();
      fixture.register(Instances.up("A", "large", 90));
      fixture.end();

      assertThat(fixture.store.counts().isDegraded()).isFalse();
    }

    assertThat(StoreFixture.stateIn(directory)).hasSize(1);
  }

  @Test
  void instance_oversizedKey_leavesNoGap() throws Exception {
    try (StoreFixture fixture = StoreFixture.open(directory, clock)) {
      fixture.step();
      fixture.register(Instances.up("A", "i".repeat(5 << 20), 90));
      fixture.register(Instances.up("A", "after", 90));
      fixture.step();
    }

    assertThat(StoreFixture.stateIn(directory)).hasSize(1);
    assertThat(new JournalQuery(directory, corruptRange -> {}).verify().isSound())
        .isTrue();
  }

  @Test
  void largeLease_damaged_affectsNoOtherLease() throws Exception {
    try (StoreFixture fixture = StoreFixture.open(directory, clock)) {
      fixture.register(Instances.up("A", "before", 90));
      fixture.register(large("large", SnapshotWriter.BLOCK_BYTES));
      fixture.register(Instances.up("A", "after", 90));
      fixture.end();
    }
    DataDirectory stored = new DataDirectory(directory);
    Path snapshot = stored.snapshots().get(stored.snapshots().size() - 1).path();
    for (DataDirectory.StoredFile file : stored.files()) {
      if (!file.path().equals(snapshot)) {
        Files.delete(file.path());
      }
    }
    flipByteInBlock(snapshot, 1);

    assertThat(StoreFixture.stateIn(directory).keySet().toString())
        .contains("before", "after")
        .doesNotContain("large");
  }

  /** 8 MB of requests caused 4 GB of journal, regardless of the limit on kept bytes. */
  @Test
  void manyLargeChanges_stayWithinTheLimitOnKeptBytes() throws Exception {
    try (StoreFixture fixture =
        StoreFixture.open(StoreFixture.in(directory, SMALL), clock, Storage.REAL)) {
      for (int i = 0; i < 60; i++) {
        fixture.register(large("large", 1_000_000 + i));
        fixture.step();
      }

      long bytes = 0;
      for (DataDirectory.StoredFile file : new DataDirectory(directory).files()) {
        bytes += Files.size(file.path());
      }
      assertThat(bytes).isLessThanOrEqualTo(SMALL.keepBytesMax());
      assertThat(fixture.store.counts().snapshots()).isGreaterThan(3);
      assertThat(StoreFixture.stateIn(directory)).isEqualTo(fixture.state());
    }
  }

  private static void flipByteInBlock(Path snapshot, int block) throws Exception {
    long at;
    try (FrameReader frames =
        FrameReader.open(snapshot, FileHeader.Kind.SNAPSHOT, corruptRange -> {})) {
      for (int i = 0; i <= block; i++) {
        assertThat(frames.next()).isTrue();
      }
      at = frames.frameOffset() + frames.headBytes() + 20;
    }
    byte[] bytes = Files.readAllBytes(snapshot);
    bytes[(int) at] ^= 1;
    Files.write(snapshot, bytes);
  }

  private static InstanceInfo large(String id, int bytes) {
    return Instances.up("A", id, 90).toBuilder()
        .metadata(Map.of("large", "x".repeat(bytes)))
        .build();
  }
}
