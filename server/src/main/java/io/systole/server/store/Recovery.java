// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.server.registry.PersistedLease;
import io.systole.server.store.DataDirectory.StoredFile;
import io.systole.server.store.SnapshotReader.Summary;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Restores the state of a registry from a snapshot and the journals that follow it. Not
 * thread-safe.
 */
final class Recovery {
  /*
   * A snapshot is written while changes continue: it contains all changes up to its version, and
   * may contain later ones. Each record holds the whole instance, so replaying the journal from
   * that version on is idempotent, and the last record of an instance wins. Before a snapshot gets
   * its final name, the journal is synced up to the last change that the snapshot may contain.
   */

  /**
   * The recovered state.
   *
   * @param version of the last known change, 0 if there is none
   * @param snapshot summary of the snapshot used, null if there was none
   * @param journalBytes bytes of the records replayed
   */
  record State(
      PersistedLeases leases, long version, @Nullable Summary snapshot, long journalBytes) {}

  private final DataDirectory directory;
  private final ReadListener listener;
  private final PersistedLeases leases = new PersistedLeases();

  Recovery(DataDirectory directory, ReadListener listener) {
    this.directory = directory;
    this.listener = listener;
  }

  /** Throws if a later release wrote to the directory, in which case no file may be touched. */
  static void refuseNewerFormats(DataDirectory directory) throws IOException {
    for (StoredFile file : directory.files()) {
      try {
        FrameReader.open(file.path(), file.kind(), ignored -> {}).close();
      } catch (UnsupportedFormatException newer) {
        throw newer;
      } catch (IOException unreadable) {
        // Reported when the file is read.
      }
    }
  }

  /**
   * Restores the state after the last change.
   *
   * @param witness receives each entry that is replayed
   */
  State latest(Consumer<JournalEntry> witness) throws IOException {
    Summary base = newestWhole(directory.snapshots(), Long.MAX_VALUE);
    if (base == null) {
      base = newestDamaged(directory.snapshots());
    }
    return replay(base, Long.MAX_VALUE, witness);
  }

  /**
   * Restores the state as of the given wall clock time; returns null if no snapshot is that old.
   */
  @Nullable
  State at(long timeMs) throws IOException {
    Summary base = newestWhole(directory.snapshots(), timeMs);
    return base == null ? null : replay(base, timeMs, entry -> {});
  }

  private @Nullable Summary newestWhole(List<StoredFile> snapshots, long endMsMax)
      throws IOException {
    for (int i = snapshots.size() - 1; i >= 0; i--) {
      leases.clear();
      Summary summary = new SnapshotReader(listener).read(snapshots.get(i), leases);
      if (summary.isWhole() && summary.endMs() <= endMsMax) {
        return summary;
      }
    }
    leases.clear();
    return null;
  }

  /** Reads the newest snapshot despite its damage: some leases are better than none. */
  private @Nullable Summary newestDamaged(List<StoredFile> snapshots) throws IOException {
    return snapshots.isEmpty()
        ? null
        : new SnapshotReader(ignored -> {}).read(snapshots.get(snapshots.size() - 1), leases);
  }

  private State replay(@Nullable Summary base, long timeMs, Consumer<JournalEntry> witness)
      throws IOException {
    long from = base == null ? 0 : base.version();
    long[] version = {base == null ? 0 : Math.max(base.version(), base.endVersion())};
    JournalReader reader = new JournalReader(listener);
    List<StoredFile> journals = JournalReader.after(from, directory.journals());
    boolean unused = reader.read(journals, entry -> {
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
    return new State(leases, version[0], base, reader.bytes());
  }

  private void apply(JournalEntry entry) {
    if (entry instanceof JournalEntry.Omitted omitted) {
      leases.remove(omitted.key());
    }
    if (!(entry instanceof JournalEntry.Changed changed)) {
      return;
    }
    if (changed.document() == null) {
      leases.remove(changed.key());
    } else {
      leases.put(new PersistedLease(changed.document(), changed.override()));
    }
  }
}
