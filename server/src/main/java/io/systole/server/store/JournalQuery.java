// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.registry.PersistedLease;
import io.systole.server.store.DataDirectory.StoredFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Reads a data directory, and writes nothing: also one whose node is running. For one thread. */
public final class JournalQuery {
  /**
   * What checking a directory found.
   *
   * @param records journal records that could be read
   * @param leases in the last state
   * @param version of the last change, 0 when there is none
   * @param missing ranges of versions that no record tells, in words
   */
  public record VerifyResult(
      long files,
      long records,
      long leases,
      long version,
      List<CorruptRange> corruptRanges,
      List<String> missing) {
    /** Whether nothing is wrong but last writes that were cut short. */
    public boolean isSound() {
      return missing.isEmpty() && corruptRanges.stream().allMatch(CorruptRange::isTail);
    }
  }

  private final DataDirectory directory;
  private final Consumer<CorruptRange> corruptRanges;

  /** @param corruptRanges is told what can't be read */
  public JournalQuery(Path path, Consumer<CorruptRange> corruptRanges) {
    this.directory = new DataDirectory(path);
    this.corruptRanges = corruptRanges;
  }

  /**
   * Visits every record in its order.
   *
   * @param visitor false to stop
   */
  public void read(Predicate<JournalEntry> visitor) throws IOException {
    boolean unusedSawAll =
        new JournalReader(corruptRanges::accept).read(directory.journals(), visitor);
  }

  /** Visits every record of an instance in its order. */
  public void read(InstanceKey key, Consumer<JournalEntry> visitor) throws IOException {
    JournalReader reader = new JournalReader(corruptRanges::accept, RecordFilter.of(key));
    boolean unusedSawAll = reader.read(directory.journals(), entry -> {
      boolean isOfKey = entry instanceof JournalEntry.Changed changed
          ? changed.key().equals(key)
          : entry instanceof JournalEntry.Omitted omitted && omitted.key().equals(key);
      if (isOfKey) {
        visitor.accept(entry);
      }
      return true;
    });
  }

  /** Whether there is a journal. */
  public boolean hasJournal() throws IOException {
    return !directory.journals().isEmpty();
  }

  /**
   * The leases of the moment when the node's clock first said so; null when it is before what is
   * known, see {@link #knownFromMs}.
   */
  public @Nullable Collection<PersistedLease> at(long timeMs) throws IOException {
    Recovery.State state = new Recovery(directory, corruptRanges::accept).at(timeMs);
    return state == null ? null : state.holdings();
  }

  /** From when on {@link #at} can tell, epoch ms; null when it can't at all. */
  public @Nullable Long knownFromMs() throws IOException {
    for (StoredFile snapshot : directory.snapshots()) {
      SnapshotReader.Summary summary =
          new SnapshotReader(corruptRanges::accept).read(snapshot, new PersistedLeases());
      if (summary.isWhole()) {
        return summary.endMs();
      }
    }
    return null;
  }

  /** Reads everything and says what is wrong. */
  public VerifyResult verify() throws IOException {
    List<CorruptRange> found = new ArrayList<>();
    for (StoredFile snapshot : directory.snapshots()) {
      SnapshotReader.Summary unused =
          new SnapshotReader(found::add).read(snapshot, new PersistedLeases());
    }
    long[] records = {0};
    long[] version = {0};
    List<String> missing = new ArrayList<>();
    boolean unusedSawAll = new JournalReader(found::add).read(directory.journals(), entry -> {
      records[0]++;
      // A node that begins counts from another version on, and says so.
      boolean isFirst = version[0] == 0 || entry instanceof JournalEntry.WriterStarted;
      long first =
          entry instanceof JournalEntry.Gap skipped ? skipped.fromVersion() : entry.version();
      if (!isFirst && first > version[0] + 1) {
        missing.add((version[0] + 1) + ".." + (first - 1));
      }
      version[0] = entry.version();
      return true;
    });
    Recovery.State last = new Recovery(directory, ignored -> {}).latest(ignored -> {});
    return new VerifyResult(
        directory.files().size(),
        records[0],
        last.holdings().size(),
        last.version(),
        List.copyOf(found),
        List.copyOf(missing));
  }
}
