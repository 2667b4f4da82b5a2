// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.registry.Instances;
import io.systole.server.time.ManualClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A damaged snapshot: the previous one and the journals yield the same state. */
class SnapshotDamageTest {
  @TempDir
  private Path directory;

  private Map<String, String> state = Map.of();
  private Path newest = Path.of("");
  private byte[] whole = {};

  @BeforeEach
  void writeTwoSnapshots() throws Exception {
    RandomRegistryChanges changes = new RandomRegistryChanges(7);
    try (StoreFixture fixture = StoreFixture.open(directory, new ManualClock())) {
      fixture.step();
      for (int i = 0; i < 20; i++) {
        changes.apply(fixture.registry);
      }
      fixture.register(Instances.up("A", "i", 90));
      fixture.end();
      state = fixture.state();
    }
    newest = new DataDirectory(directory).snapshots().get(1).path();
    whole = Files.readAllBytes(newest);
  }

  @Test
  void snapshot_whole_isEnough() throws Exception {
    for (DataDirectory.StoredFile journal : new DataDirectory(directory).journals()) {
      Files.delete(journal.path());
    }

    assertThat(StoreFixture.stateIn(directory)).isEqualTo(state).isNotEmpty();
  }

  @Test
  void snapshot_truncatedOrFlippedAnywhere_isReplacedByThePreviousOne() throws Exception {
    for (int at = 0; at < whole.length; at++) {
      byte[] flipped = whole.clone();
      flipped[at] ^= 0x10;
      Files.write(newest, flipped);
      List<CorruptRange> corruptRanges = new ArrayList<>();
      assertThat(StoreFixture.stateIn(directory, corruptRanges))
          .as("flipped at %s", at)
          .isEqualTo(state);
      assertThat(corruptRanges).as("flipped at %s", at).isNotEmpty();

      Files.write(newest, Arrays.copyOf(whole, at));
      corruptRanges.clear();
      assertThat(StoreFixture.stateIn(directory, corruptRanges))
          .as("cut at %s", at)
          .isEqualTo(state);
      assertThat(corruptRanges).as("cut at %s", at).isNotEmpty();
    }
  }

  @Test
  void snapshot_damagedWithoutAlternative_yieldsTheReadableLeases() throws Exception {
    DataDirectory stored = new DataDirectory(directory);
    for (DataDirectory.StoredFile file : stored.files()) {
      if (!file.path().equals(newest)) {
        Files.delete(file.path());
      }
    }
    Files.write(newest, Arrays.copyOf(whole, whole.length - 1));

    assertThat(StoreFixture.stateIn(directory)).isEqualTo(state);
  }

  /** A few compressed bytes may expand a thousandfold. */
  @Test
  void snapshot_inflatingBeyondTheLimit_isRefusedBlockByBlock() throws Exception {
    List<CorruptRange> corruptRanges = new ArrayList<>();
    DataDirectory.StoredFile file = new DataDirectory(directory).snapshots().get(1);

    SnapshotReader.Summary summary =
        new SnapshotReader(corruptRanges::add, 100).read(file, new PersistedLeases());

    assertThat(summary.isWhole()).isFalse();
    assertThat(corruptRanges)
        .hasSize(1)
        .allMatch(corruptRange -> corruptRange.reason().contains("limit 100"));
  }

  /** It is counted as damage: metrics can't show what is skipped silently. */
  @Test
  void snapshot_truncated_isDamageAndNoTornWrite() throws Exception {
    Files.write(newest, Arrays.copyOf(whole, whole.length - 1));

    List<CorruptRange> corruptRanges = new ArrayList<>();
    assertThat(StoreFixture.stateIn(directory, corruptRanges)).isEqualTo(state);

    assertThat(corruptRanges).isNotEmpty().noneMatch(CorruptRange::isTail);
  }

  /** The readable one was deleted for space, as two newer ones, unreadable, were kept. */
  @Test
  void snapshot_unreadableAtTheStart_keepsThePreviousOneUntilTwoAreReadable() throws Exception {
    Path before = new DataDirectory(directory).snapshots().get(0).path();
    Files.write(newest, Arrays.copyOf(whole, whole.length - 1));
    StoreSettings keepNothing =
        new StoreSettings(null, 0, 1_000, 1 << 26, 1, 1L << 40, 3_600_000, 1 << 26, 100_000, 0);
    ManualClock clock = new ManualClock();

    try (StoreFixture fixture =
        StoreFixture.open(StoreFixture.in(directory, keepNothing), clock, Storage.REAL)) {
      fixture.step();
      assertThat(before).exists();
      fixture.register(Instances.up("A", "more", 90));
      clock.advanceMs(3_600_000);
      fixture.step();
      assertThat(before).doesNotExist();
      assertThat(StoreFixture.stateIn(directory)).isEqualTo(fixture.state());
    }
  }
}
