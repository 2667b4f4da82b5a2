// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.registry.PersistedLease;
import io.systole.server.store.DataDirectory.StoredFile;
import io.systole.server.store.JournalReader.RecordFilter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Read-only queries on a data directory, which a running node may be using. Not thread-safe. */
public final class JournalQuery {
  /**
   * The result of verifying a directory.
   *
   * @param records number of readable journal records
   * @param leases number of leases after the last record
   * @param version of the last change, 0 if there is none
   * @param missing ranges of versions without a record, such as {@code 7..9}
   */
  public record VerifyResult(
      long files,
      long records,
      long leases,
      long version,
      List<CorruptRange> corruptRanges,
      List<String> missing) {
    /** Returns whether nothing is damaged except for torn last writes. */
    public boolean isSound() {
      return missing.isEmpty() && corruptRanges.stream().allMatch(CorruptRange::isTail);
    }
  }

  private final DataDirectory directory;
  private final Consumer<CorruptRange> corruptRanges;

  /**
   * Creates a query.
   *
   * @param corruptRanges receives the ranges that can't be read
   */
  public JournalQuery(Path path, Consumer<CorruptRange> corruptRanges) {
    this.directory = new DataDirectory(path);
    this.corruptRanges = corruptRanges;
  }

  /**
   * Visits all records in order.
   *
   * @param visitor returns false to stop
   */
  public void read(Predicate<JournalEntry> visitor) throws IOException {
    boolean unused = new JournalReader(corruptRanges::accept).read(directory.journals(), visitor);
  }

  /** Visits all records of an instance in order. */
  public void read(InstanceKey key, Consumer<JournalEntry> visitor) throws IOException {
    JournalReader reader = new JournalReader(corruptRanges::accept, RecordFilter.of(key));
    boolean unused = reader.read(directory.journals(), entry -> {
      boolean isOfKey = entry instanceof JournalEntry.Changed changed
          ? changed.key().equals(key)
          : entry instanceof JournalEntry.Omitted omitted && omitted.key().equals(key);
      if (isOfKey) {
        visitor.accept(entry);
      }
      return true;
    });
  }

  /** Returns whether there is a journal. */
  public boolean hasJournal() throws IOException {
    return !directory.journals().isEmpty();
  }

  /**
   * Returns the leases as of the given time by the node's wall clock; null if it lies before
   * {@link #knownFromMs}.
   */
  public @Nullable Collection<PersistedLease> at(long timeMs) throws IOException {
    Recovery.State state = new Recovery(directory, corruptRanges::accept).at(timeMs);
    return state == null ? null : state.leases();
  }

  /** Returns the earliest time that {@link #at} covers, epoch ms; null if it covers none. */
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

  /** Reads all files and reports damage. */
  public VerifyResult verify() throws IOException {
    List<CorruptRange> found = new ArrayList<>();
    for (StoredFile snapshot : directory.snapshots()) {
      SnapshotReader.Summary unused =
          new SnapshotReader(found::add).read(snapshot, new PersistedLeases());
    }
    long[] records = {0};
    long[] version = {0};
    List<String> missing = new ArrayList<>();
    boolean unused = new JournalReader(found::add).read(directory.journals(), entry -> {
      records[0]++;
      // A started writer may continue at a greater version.
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
        last.leases().size(),
        last.version(),
        List.copyOf(found),
        List.copyOf(missing));
  }
}
