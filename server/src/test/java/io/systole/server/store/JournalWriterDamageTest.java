// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.time.ManualClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small journal, damaged at every byte: only the damaged records are lost. */
class JournalWriterDamageTest {
  private static final long SEED = 20260101;
  private static final int CHANGES = 5;

  @TempDir
  private Path directory;

  private Path journal = Path.of("");
  private byte[] whole = {};

  /** End offsets, of the header first, then of the records. */
  private final List<Integer> ends = new ArrayList<>();

  private final List<JournalEntry> entries = new ArrayList<>();

  /** The states of the registry, by the number of records. */
  private final List<Map<String, String>> states = new ArrayList<>();

  @BeforeEach
  void writeJournal() throws Exception {
    RandomRegistryChanges changes = new RandomRegistryChanges(SEED);
    ManualClock clock = new ManualClock();
    try (StoreFixture fixture = StoreFixture.open(directory, clock)) {
      fixture.step();
      states.add(fixture.state());
      states.add(fixture.state());
      while (states.size() < CHANGES + 2) {
        long version = fixture.registry.version();
        changes.apply(fixture.registry);
        clock.advanceMs(7);
        fixture.step();
        if (fixture.registry.version() > version) {
          states.add(fixture.state());
        }
      }
    }
    journal = new DataDirectory(directory).journals().get(0).path();
    whole = Files.readAllBytes(journal);
    ends.add(FileHeader.BYTES);
    try (FrameReader frames =
        FrameReader.open(journal, FileHeader.Kind.JOURNAL, corruptRange -> {})) {
      while (frames.next()) {
        ends.add(ends.get(ends.size() - 1) + frames.headBytes() + frames.payloadLength());
      }
    }
    new JournalQuery(directory, corruptRange -> {}).read(entries::add);
    assertThat(entries).hasSize(CHANGES + 1);
    assertThat(ends.get(CHANGES + 1)).isEqualTo(whole.length);
  }

  @Test
  void journal_truncatedAtAnyByte_yieldsTheCompleteRecords() throws Exception {
    for (int length = 0; length < whole.length; length++) {
      Files.write(journal, Arrays.copyOf(whole, length));

      List<CorruptRange> corruptRanges = new ArrayList<>();
      Map<String, String> found = StoreFixture.stateIn(directory, corruptRanges);

      int records = wholeRecords(length);
      assertThat(found).as("truncated at %s", length).isEqualTo(states.get(records));
      boolean isBetweenRecords = ends.contains(length);
      assertThat(corruptRanges).as("truncated at %s", length).hasSize(isBetweenRecords ? 0 : 1);
      assertThat(corruptRanges).allMatch(CorruptRange::isTail);
    }
  }

  @Test
  void journal_anyByteFlipped_losesThatRecordAndReportsIt() throws Exception {
    Random random = new Random(SEED);
    for (int at = 0; at < whole.length; at++) {
      byte[] damaged = whole.clone();
      damaged[at] ^= (byte) (1 << random.nextInt(8));
      Files.write(journal, damaged);

      List<CorruptRange> corruptRanges = new ArrayList<>();
      List<JournalEntry> read = new ArrayList<>();
      new JournalQuery(directory, corruptRanges::add).read(read::add);

      List<JournalEntry> expected = new ArrayList<>(entries);
      if (at >= FileHeader.BYTES) {
        expected.remove(wholeRecords(at));
      }
      assertThat(read).as("flipped at %s", at).isEqualTo(expected);
      assertThat(corruptRanges).as("flipped at %s", at).hasSize(1);
      assertThat(corruptRanges.get(0).offset()).isLessThanOrEqualTo(at);
      assertThat(corruptRanges.get(0).offset() + corruptRanges.get(0).length()).isGreaterThan(at);
    }
  }

  @Test
  void journal_damagedAtRandom_neverYieldsAForgedRecord() throws Exception {
    Set<JournalEntry> written = new HashSet<>(entries);
    for (int round = 0; round < 200; round++) {
      Random random = new Random(SEED + round);
      byte[] damaged = whole.clone();
      for (int hits = 1 + random.nextInt(20); hits > 0; hits--) {
        int from = random.nextInt(damaged.length);
        int length = Math.min(1 + random.nextInt(200), damaged.length - from);
        if (random.nextBoolean()) {
          System.arraycopy(whole, random.nextInt(whole.length - length), damaged, from, length);
        } else {
          byte[] noise = new byte[length];
          random.nextBytes(noise);
          System.arraycopy(noise, 0, damaged, from, length);
        }
      }
      Files.write(journal, damaged);

      List<JournalEntry> read = new ArrayList<>();
      new JournalQuery(directory, corruptRange -> {}).read(read::add);

      assertThat(written).as("seed %s", SEED + round).containsAll(read);
    }
  }

  /** Clients don't know the salt, so a registration can't contain a valid record. */
  @Test
  void record_insideADocumentOfAnotherFile_isNotFound() throws Exception {
    byte[] record = Arrays.copyOfRange(whole, ends.get(1), ends.get(2));
    byte[] salted = whole.clone();
    System.arraycopy(
        FileHeader.create(FileHeader.Kind.JOURNAL, 0, 0).encode(), 0, salted, 0, FileHeader.BYTES);
    byte[] smuggled = Arrays.copyOf(salted, FileHeader.BYTES + 3 + record.length);
    System.arraycopy(record, 0, smuggled, FileHeader.BYTES + 3, record.length);
    Files.write(journal, smuggled);

    List<JournalEntry> read = new ArrayList<>();
    new JournalQuery(directory, corruptRange -> {}).read(read::add);

    assertThat(read).isEmpty();
  }

  /** Returns the number of records that end at or before an offset. */
  private int wholeRecords(int length) {
    int records = 0;
    while (records + 1 < ends.size() && ends.get(records + 1) <= length) {
      records++;
    }
    return records;
  }
}
