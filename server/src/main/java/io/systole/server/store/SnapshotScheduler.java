// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.server.registry.PersistedLease;
import io.systole.server.registry.Registry;
import io.systole.server.store.DataDirectory.StoredFile;
import io.systole.server.store.Retention.Measured;
import io.systole.server.time.Clock;
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

/** Knows when a snapshot is due, takes it, and lets go of what is kept long enough. One thread. */
final class SnapshotScheduler {
  /** What must go on while a snapshot is written. */
  interface PeriodicTask {
    void run() throws IOException;
  }

  /** Makes the journal safe up to all that the leases may tell of. */
  interface JournalSync {
    /** Returns the journal's last version. */
    long settle() throws IOException;
  }

  private static final Logger LOG = LoggerFactory.getLogger(SnapshotScheduler.class);

  /** After so many leases the other duty is done. */
  private static final int STRIDE = 256;

  /** Journal bytes after which a snapshot is due at the earliest. */
  static final long DUE_BYTES_MIN = 4 << 20;

  /** So many times what the leases take may the journal grow before a snapshot is due. */
  private static final int DUE_FACTOR = 2;

  private final StoreSettings settings;
  private final DataDirectory directory;
  private final Storage disk;
  private final Clock clock;
  private final StoreCounters counts;
  private final Registry registry;
  private boolean isDemanded;
  private long notBeforeNs;
  private final long beganNs;
  private long newestVersion;
  private long newestNs;
  private long newestBytes;
  private long newestPlainBytes;
  private long journalBytesThen;
  private long retainedBytesThen;

  /** Versions of the snapshots that were read whole at the start, or finished since. */
  private final Set<Long> readable = new HashSet<>();

  /**
   * @param recovered what the registry was made of
   * @param isDemanded whether one is due at once
   */
  SnapshotScheduler(
      StoreSettings settings,
      DataDirectory directory,
      Storage disk,
      Clock clock,
      StoreCounters counts,
      Registry registry,
      Recovery.State recovered,
      boolean isDemanded) {
    this.settings = settings;
    this.directory = directory;
    this.disk = disk;
    this.clock = clock;
    this.counts = counts;
    this.registry = registry;
    this.isDemanded = isDemanded;
    this.beganNs = clock.monotonicNs();
    this.newestNs = beganNs;
    this.notBeforeNs = newestNs;
    this.journalBytesThen = counts.bytes() - recovered.journalBytes();
    this.retainedBytesThen = counts.bytes();
    SnapshotReader.Summary begun = recovered.snapshot();
    if (begun != null && begun.isWhole()) {
      readable.add(begun.version());
      newestPlainBytes = begun.plainBytes();
    }
  }

  /** Makes one due. */
  void demand() {
    isDemanded = true;
  }

  /** Makes one due, but not before. */
  void postpone(long delayNs) {
    isDemanded = true;
    notBeforeNs = clock.monotonicNs() + delayNs;
  }

  /** Whether changes are missing that only another one can tell. */
  boolean isDemanded() {
    return isDemanded;
  }

  /** Whether the last one taken tells all up to this version. */
  boolean isNewest(long version) {
    return version == newestVersion;
  }

  boolean isDue(long version) {
    long intervalNs = TimeUnit.MILLISECONDS.toNanos(settings.snapshotIntervalMs());
    boolean isWanted = isDemanded
        || isDueByBytes()
        || (clock.monotonicNs() - newestNs >= intervalNs && !isNewest(version));
    return isWanted && !isProtectedBack() && clock.monotonicNs() - notBeforeNs >= 0;
  }

  /**
   * Whether none is taken because not all leases were restored: a start begins with the newest
   * snapshot, and the older files alone know the others. It ends once those leases are too old to
   * be restored, or the journal alone takes what all files together may.
   */
  boolean isProtectedBack() {
    long maxAgeMs = settings.restoreMaxAgeMs();
    boolean isOver =
        maxAgeMs > 0 && clock.monotonicNs() - beganNs > TimeUnit.MILLISECONDS.toNanos(maxAgeMs);
    return counts.isPartlyRestored() && !isOver && counts.bytes() < settings.keepBytesMax();
  }

  /**
   * Whether the journal outgrew the leases by so much that a start would rather read them: early
   * while they are few, and often enough for what must be kept to fit.
   */
  boolean isDueByBytes() {
    long ripeBytes = Math.max(DUE_BYTES_MIN, DUE_FACTOR * newestPlainBytes);
    long bytesMax = Math.min(ripeBytes, settings.snapshotBytesMax());
    return counts.bytes() - journalBytesThen >= Math.max(bytesMax, newestBytes)
        && !isProtectedBack();
  }

  /** Drops what is kept long enough, once for each journal's worth of bytes. */
  void retainWhenDue() throws IOException {
    if (counts.bytes() - retainedBytesThen >= settings.journalBytesMax()) {
      retain();
    }
  }

  /**
   * Takes one. It gets its name only once it is whole, and safe, and the journal with it.
   *
   * @param version up to which the journal is written
   */
  void take(long version, PeriodicTask meanwhile, JournalSync journalSync) throws IOException {
    long beganNs = clock.monotonicNs();
    // Whatever the journal misses from now on, this one may have passed already.
    isDemanded = false;
    deleteUnfinished();
    boolean isComplete;
    boolean isNamed = false;
    try {
      isComplete = write(version, meanwhile, journalSync);
      disk.rename(directory.unfinishedSnapshot(), directory.snapshot(version));
      isNamed = true;
    } finally {
      if (!isNamed) {
        deleteFailed();
      }
    }
    disk.syncDirectory(directory.path());
    readable.add(version);
    counts.passedOverUnrestored();
    if (isComplete) {
      counts.complete();
    }
    newestVersion = version;
    newestNs = clock.monotonicNs();
    journalBytesThen = counts.bytes();
    counts.snapshot(newestNs - beganNs);
    try {
      retain();
    } catch (IOException failure) {
      // Old files stay until the next one.
      LOG.warn("old journals and snapshots can't be removed: {}", failure.toString());
    }
  }

  /** Deletes what a snapshot that did not finish has left. */
  void deleteUnfinished() throws IOException {
    disk.delete(directory.unfinishedSnapshot());
  }

  /** Gives a full disk its space back at once: the journal needs it. */
  private void deleteFailed() {
    try {
      deleteUnfinished();
    } catch (IOException failure) {
      LOG.debug("an unfinished snapshot can't be deleted: {}", failure.toString());
    }
  }

  /** Writes the unfinished file; returns whether it holds every lease. */
  private boolean write(long version, PeriodicTask meanwhile, JournalSync journalSync)
      throws IOException {
    FileHeader header = FileHeader.fresh(FileHeader.Kind.SNAPSHOT, clock.wallMs(), version);
    try (Storage.Output output = disk.create(directory.unfinishedSnapshot());
        SnapshotWriter writer = new SnapshotWriter(output, header, counts)) {
      writeLeases(writer, meanwhile);
      writer.finish(journalSync.settle(), clock.wallMs());
      newestBytes = writer.bytes();
      newestPlainBytes = writer.plainBytes();
      return writer.isComplete();
    }
  }

  private void writeLeases(SnapshotWriter writer, PeriodicTask meanwhile) throws IOException {
    int[] added = {0};
    try {
      registry.forEachLease((PersistedLease holding) -> {
        try {
          writer.add(holding);
          if (++added[0] % STRIDE == 0) {
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

  private void retain() throws IOException {
    retainedBytesThen = counts.bytes();
    List<Measured> measured = new ArrayList<>();
    for (StoredFile file : directory.files()) {
      measured.add(new Measured(
          file, Files.size(file.path()), Files.getLastModifiedTime(file.path()).toMillis()));
    }
    for (StoredFile file : Retention.doomed(
        measured, readable, settings.keepBytesMax(), settings.keepMs(), clock.wallMs())) {
      disk.delete(file.path());
    }
  }
}
