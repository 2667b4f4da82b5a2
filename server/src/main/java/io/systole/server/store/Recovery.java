// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.server.registry.PersistedLease;
import io.systole.server.store.DataDirectory.StoredFile;
import io.systole.server.store.SnapshotReader.Summary;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Makes a registry's state of a snapshot and the journals behind it. For one thread. */
final class Recovery {
  /*
   * A snapshot is written while changes go on: it holds all that was before its version, and may
   * hold more. Each record says the whole of its instance, so the journal can be replayed from that
   * version on over whatever the snapshot saw, and its last word on an instance is the right one.
   * The journal is safe up to the last thing that a snapshot may have seen before the snapshot gets
   * its name.
   */

  /**
   * What was found.
   *
   * @param version of the last change that is known, 0 when none is
   * @param snapshot what the state began with; null when there was none
   * @param journalBytes bytes of records replayed
   */
  record State(
      PersistedLeases holdings, long version, @Nullable Summary snapshot, long journalBytes) {}

  private final DataDirectory directory;
  private final ReadListener listener;
  private final PersistedLeases holdings = new PersistedLeases();

  Recovery(DataDirectory directory, ReadListener listener) {
    this.directory = directory;
    this.listener = listener;
  }

  /** Looks whether a later release wrote here, of which nothing may be touched. */
  static void refuseNewerFormats(DataDirectory directory) throws IOException {
    for (StoredFile file : directory.files()) {
      try {
        FrameReader.open(file.path(), file.kind(), ignored -> {}).close();
      } catch (UnsupportedFormatException newer) {
        throw newer;
      } catch (IOException unreadable) {
        // Told when it is read.
      }
    }
  }

  /** Everything up to the last change. */
  State latest(Consumer<JournalEntry> witness) throws IOException {
    Summary base = newestWhole(directory.snapshots(), Long.MAX_VALUE);
    if (base == null) {
      base = newestDamaged(directory.snapshots());
    }
    return replay(base, Long.MAX_VALUE, witness);
  }

  /** The registry as it was once the clock first said so; null when that is not known any more. */
  @Nullable
  State at(long timeMs) throws IOException {
    Summary base = newestWhole(directory.snapshots(), timeMs);
    return base == null ? null : replay(base, timeMs, entry -> {});
  }

  private @Nullable Summary newestWhole(List<StoredFile> snapshots, long endMsMax)
      throws IOException {
    for (int i = snapshots.size() - 1; i >= 0; i--) {
      holdings.clear();
      Summary summary = new SnapshotReader(listener).read(snapshots.get(i), holdings);
      if (summary.isWhole() && summary.endMs() <= endMsMax) {
        return summary;
      }
    }
    holdings.clear();
    return null;
  }

  /** Better some leases than none. */
  private @Nullable Summary newestDamaged(List<StoredFile> snapshots) throws IOException {
    return snapshots.isEmpty()
        ? null
        : new SnapshotReader(ignored -> {}).read(snapshots.get(snapshots.size() - 1), holdings);
  }

  private State replay(@Nullable Summary base, long timeMs, Consumer<JournalEntry> witness)
      throws IOException {
    long from = base == null ? 0 : base.version();
    long[] version = {base == null ? 0 : Math.max(base.version(), base.endVersion())};
    JournalReader reader = new JournalReader(listener);
    List<StoredFile> journals = JournalReader.after(from, directory.journals());
    boolean unusedSawAll = reader.read(journals, entry -> {
      boolean isChange =
          entry instanceof JournalEntry.Changed || entry instanceof JournalEntry.Omitted;
      if (entry.version() <= from && isChange) {
        return true;
      }
      if (entry.atMs() > timeMs) {
        return false;
      }
      version[0] = Math.max(version[0], entry.version());
      apply(entry);
      witness.accept(entry);
      return true;
    });
    return new State(holdings, version[0], base, reader.bytes());
  }

  private void apply(JournalEntry entry) {
    if (entry instanceof JournalEntry.Omitted omitted) {
      holdings.remove(omitted.key());
    }
    if (!(entry instanceof JournalEntry.Changed changed)) {
      return;
    }
    if (changed.document() == null) {
      holdings.remove(changed.key());
    } else {
      holdings.put(new PersistedLease(changed.document(), changed.override()));
    }
  }
}
