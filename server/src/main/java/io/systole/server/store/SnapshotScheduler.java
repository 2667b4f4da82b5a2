// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.protocol.time.Clock;
import io.systole.server.jfr.SnapshotJfrEvent;
import io.systole.server.registry.PersistedLease;
import io.systole.server.registry.Registry;
import io.systole.server.store.DataDirectory.StoredFile;
import io.systole.server.store.Retention.FileStats;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes snapshots when they are due, and deletes files past their retention. Not thread-safe. */
final class SnapshotScheduler {
  /** Syncs the journal up to the last change that the leases may contain. */
  interface JournalSync {
    /** Returns the last version in the journal. */
    long syncJournal() throws IOException;
  }

  private static final Logger LOG = LoggerFactory.getLogger(SnapshotScheduler.class);

  /** Leases written between two runs of the other work. */
  private static final int LEASES_PER_RUN = 256;

  /** Minimum of journal bytes after which a snapshot is due. */
  static final long DUE_BYTES_MIN = 4 << 20;

  /**
   * Growth of the journal after which a snapshot is due, as a multiple of the size of the leases.
   */
  private static final int DUE_FACTOR = 2;

  private final StoreSettings settings;
  private final DataDirectory directory;
  private final Storage disk;
  private final Clock clock;
  private final StoreCounters counters;
  private final Registry registry;
  private boolean isRequested;
  private long notBeforeNs;
  private final long beganNs;
  private long newestVersion;
  private long newestNs;
  private long newestBytes;
  private long newestPlainBytes;
  private long journalBytesAtSnapshot;
  private long journalBytesAtRetention;

  /** Versions of the snapshots that were read without damage at the start, or written since. */
  private final Set<Long> readable = new HashSet<>();

  /**
   * Creates a scheduler.
   *
   * @param recovered the recovered state
   * @param isRequested whether a snapshot is due at once
   */
  SnapshotScheduler(
      StoreSettings settings,
      DataDirectory directory,
      Storage disk,
      Clock clock,
      StoreCounters counters,
      Registry registry,
      Recovery.State recovered,
      boolean isRequested) {
    this.settings = settings;
    this.directory = directory;
    this.disk = disk;
    this.clock = clock;
    this.counters = counters;
    this.registry = registry;
    this.isRequested = isRequested;
    this.beganNs = clock.monotonicNs();
    this.newestNs = beganNs;
    this.notBeforeNs = newestNs;
    this.journalBytesAtSnapshot = counters.bytes() - recovered.journalBytes();
    this.journalBytesAtRetention = counters.bytes();
    SnapshotReader.Summary snapshot = recovered.snapshot();
    if (snapshot != null && snapshot.isWhole()) {
      readable.add(snapshot.version());
      newestPlainBytes = snapshot.plainBytes();
    }
  }

  /** Requests a snapshot. */
  void request() {
    isRequested = true;
  }

  /** Requests a snapshot after a delay. */
  void postpone(long delayNs) {
    isRequested = true;
    notBeforeNs = clock.monotonicNs() + delayNs;
  }

  /**
   * Returns whether a snapshot was requested since the last one, because changes are missing from
   * the journal.
   */
  boolean isRequested() {
    return isRequested;
  }

  /** Returns whether the last snapshot contains all changes up to a version. */
  boolean isNewest(long version) {
    return version == newestVersion;
  }

  boolean isDue(long version) {
    long intervalNs = TimeUnit.MILLISECONDS.toNanos(settings.snapshotIntervalMs());
    boolean isRequestedOrDue = isRequested
        || isDueByBytes()
        || (clock.monotonicNs() - newestNs >= intervalNs && !isNewest(version));
    return isRequestedOrDue && !isSuspended() && clock.monotonicNs() - notBeforeNs >= 0;
  }

  /**
   * Returns whether snapshots are suspended because not all leases were restored. Recovery starts
   * from the newest snapshot, and only the older files contain the other leases. The suspension
   * ends once those leases are too old to be restored, or the journal alone reaches the limit on
   * all files.
   */
  boolean isSuspended() {
    long maxAgeMs = settings.restoreMaxAgeMs();
    boolean isOver =
        maxAgeMs > 0 && clock.monotonicNs() - beganNs > TimeUnit.MILLISECONDS.toNanos(maxAgeMs);
    return counters.isPartlyRestored() && !isOver && counters.bytes() < settings.keepBytesMax();
  }

  /**
   * Returns whether the journal has outgrown the leases so much that recovery from a snapshot would
   * be faster: early while the leases are few, and often enough for the needed files to fit the
   * retention limit.
   */
  boolean isDueByBytes() {
    long dueBytes = Math.max(DUE_BYTES_MIN, DUE_FACTOR * newestPlainBytes);
    long bytesMax = Math.min(dueBytes, settings.snapshotBytesMax());
    return counters.bytes() - journalBytesAtSnapshot >= Math.max(bytesMax, newestBytes)
        && !isSuspended();
  }

  /** Deletes files past their retention, once per journal file's worth of bytes. */
  void applyRetentionWhenDue() throws IOException {
    if (counters.bytes() - journalBytesAtRetention >= settings.journalBytesMax()) {
      applyRetention();
    }
  }

  /**
   * Takes a snapshot. The file gets its final name once it is complete and synced, and the journal
   * too.
   *
   * @param version up to which the journal is written
   * @param meanwhile run repeatedly while the snapshot is written
   */
  void take(long version, Storage.IoAction meanwhile, JournalSync journalSync) throws IOException {
    long beganNs = clock.monotonicNs();
    SnapshotJfrEvent event = SnapshotJfrEvent.started();
    // Cleared first: changes that the journal misses from here on may be missing in this snapshot
    // too.
    isRequested = false;
    deleteUnfinished();
    boolean isComplete;
    boolean isNamed = false;
    try {
      isComplete = write(version, meanwhile, journalSync);
      disk.rename(directory.unfinishedSnapshot(), directory.snapshot(version));
      isNamed = true;
    } finally {
      if (!isNamed) {
        event.failed(version);
        deleteFailed();
      }
    }
    disk.syncDirectory(directory.path());
    readable.add(version);
    counters.clearPartialRestore();
    if (isComplete) {
      counters.clearOmitted();
    }
    newestVersion = version;
    newestNs = clock.monotonicNs();
    journalBytesAtSnapshot = counters.bytes();
    counters.addSnapshot(newestNs - beganNs);
    event.finished(version, newestBytes, newestPlainBytes);
    try {
      applyRetention();
    } catch (IOException failure) {
      // Old files are kept until the next snapshot.
      LOG.warn("old journals and snapshots can't be deleted: {}", failure.toString());
    }
  }

  /** Deletes the file of an unfinished snapshot. */
  void deleteUnfinished() throws IOException {
    disk.delete(directory.unfinishedSnapshot());
  }

  /** Frees the space at once, as the journal may need it. */
  private void deleteFailed() {
    try {
      deleteUnfinished();
    } catch (IOException failure) {
      LOG.debug("an unfinished snapshot can't be deleted: {}", failure.toString());
    }
  }

  /** Writes the unfinished file; returns whether it contains all leases. */
  private boolean write(long version, Storage.IoAction meanwhile, JournalSync journalSync)
      throws IOException {
    FileHeader header = FileHeader.create(FileHeader.Kind.SNAPSHOT, clock.wallMs(), version);
    try (Storage.Output output = disk.create(directory.unfinishedSnapshot());
        SnapshotWriter writer = new SnapshotWriter(output, header, counters)) {
      writeLeases(writer, meanwhile);
      writer.finish(journalSync.syncJournal(), clock.wallMs());
      newestBytes = writer.bytes();
      newestPlainBytes = writer.plainBytes();
      return writer.isComplete();
    }
  }

  private void writeLeases(SnapshotWriter writer, Storage.IoAction meanwhile) throws IOException {
    int[] added = {0};
    try {
      registry.forEachLease((PersistedLease persisted) -> {
        try {
          writer.add(persisted);
          if (++added[0] % LEASES_PER_RUN == 0) {
            meanwhile.run();
          }
        } catch (IOException failure) {
          throw new UncheckedIOException(failure);
        }
      });
    } catch (UncheckedIOException failure) {
      throw failure.getCause();
    }
  }

  private void applyRetention() throws IOException {
    journalBytesAtRetention = counters.bytes();
    List<FileStats> measured = new ArrayList<>();
    for (StoredFile file : directory.files()) {
      measured.add(new FileStats(
          file, Files.size(file.path()), Files.getLastModifiedTime(file.path()).toMillis()));
    }
    for (StoredFile file : Retention.filesToDelete(
        measured, readable, settings.keepBytesMax(), settings.keepMs(), clock.wallMs())) {
      disk.delete(file.path());
    }
  }
}
