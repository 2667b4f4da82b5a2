// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.registry.Holding;
import io.systole.server.store.DataDirectory.StoredFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Reads a data directory, and writes nothing: also one whose node is running. For one thread. */
public final class History {
  /**
   * What checking a directory found.
   *
   * @param records journal records that could be read
   * @param leases in the last state
   * @param version of the last change, 0 when there is none
   * @param missing ranges of versions that no record tells, in words
   */
  public record Verdict(
      long files, long records, long leases, long version, List<Flaw> flaws, List<String> missing) {
    /** Whether nothing is wrong but last writes that were cut short. */
    public boolean isSound() {
      return missing.isEmpty() && flaws.stream().allMatch(Flaw::isTail);
    }
  }

  private final DataDirectory directory;
  private final Consumer<Flaw> flaws;

  /** @param flaws is told what can't be read */
  public History(Path path, Consumer<Flaw> flaws) {
    this.directory = new DataDirectory(path);
    this.flaws = flaws;
  }

  /**
   * Visits every record in its order.
   *
   * @param visitor false to stop
   */
  public void read(Predicate<JournalEntry> visitor) throws IOException {
    boolean unusedSawAll =
        new JournalReader(new SeenTexts(), flaws).read(directory.journals(), visitor);
  }

  /**
   * The leases of the moment when the node's clock first said so; null when it is before what is
   * known, see {@link #knownFromMs}.
   */
  public @Nullable Collection<Holding> at(long timeMs) throws IOException {
    Recovery.State state = new Recovery(directory, flaws).at(timeMs);
    return state == null ? null : state.holdings().values();
  }

  /** From when on {@link #at} can tell, epoch ms; null when it can't at all. */
  public @Nullable Long knownFromMs() throws IOException {
    for (StoredFile snapshot : directory.snapshots()) {
      SnapshotReader.Summary summary =
          new SnapshotReader(new SeenTexts()).read(snapshot, new LinkedHashMap<>(), flaws);
      if (summary.isWhole()) {
        return summary.endMs();
      }
    }
    return null;
  }

  /** Reads everything and says what is wrong. */
  public Verdict verify() throws IOException {
    List<Flaw> found = new ArrayList<>();
    for (StoredFile snapshot : directory.snapshots()) {
      SnapshotReader.Summary unused =
          new SnapshotReader(new SeenTexts()).read(snapshot, new LinkedHashMap<>(), found::add);
    }
    long[] records = {0};
    long[] version = {0};
    List<String> missing = new ArrayList<>();
    boolean unusedSawAll = new JournalReader(new SeenTexts(), found::add)
        .read(directory.journals(), entry -> {
          records[0]++;
          // A node that begins counts from another version on, and says so.
          boolean isFirst = version[0] == 0 || entry instanceof JournalEntry.Began;
          long first = entry instanceof JournalEntry.Skipped skipped
              ? skipped.fromVersion()
              : entry.version();
          if (!isFirst && first > version[0] + 1) {
            missing.add((version[0] + 1) + ".." + (first - 1));
          }
          version[0] = entry.version();
          return true;
        });
    Recovery.State last = new Recovery(directory, ignored -> {}).latest(ignored -> {});
    return new Verdict(
        directory.files().size(),
        records[0],
        last.holdings().size(),
        last.version(),
        List.copyOf(found),
        List.copyOf(missing));
  }

  static @Nullable Departure lastDeparture(DataDirectory directory, InstanceKey key)
      throws IOException {
    List<StoredFile> journals = directory.journals();
    for (int i = journals.size() - 1; i >= 0; i--) {
      Departure[] last = new Departure[1];
      boolean unusedSawAll = new JournalReader(new SeenTexts(), ignored -> {})
          .read(journals.subList(i, i + 1), entry -> {
            if (entry instanceof JournalEntry.Changed changed
                && changed.document() == null
                && changed.key().equals(key)) {
              last[0] = new Departure(
                  changed.version(), changed.atMs(), changed.cause(), changed.origin());
            }
            return true;
          });
      if (last[0] != null) {
        return last[0];
      }
    }
    return null;
  }
}
