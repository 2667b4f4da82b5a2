// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.protocol.time.Clock;
import io.systole.server.registry.Change;
import io.systole.server.registry.Registry;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The writer of a registry's changes, step by step, on one thread at a time. */
final class StoreWriter {
  /*
   * One thread writes both journal and snapshots, and continues with the journal between the leases
   * of a snapshot. So when a snapshot gets its final name, it contains no change that the journal
   * lacks.
   *
   * After a failure the journal is closed and the lock released; the log is still followed, so that
   * no change stays in memory because of the disk. Every RETRY_NS a new start is attempted, with a
   * snapshot first, which covers the missed changes. If another node has owned the directory since,
   * this one no longer writes there. A failed snapshot leaves the journal open.
   */

  static final long RETRY_NS = TimeUnit.SECONDS.toNanos(30);

  private static final Logger LOG = LoggerFactory.getLogger(StoreWriter.class);

  /**
   * Interval at which the node records that it is running: a steady fleet makes no changes for
   * days, and the next startup depends on how long the node was down.
   */
  static final long ALIVE_NS = TimeUnit.MINUTES.toNanos(1);

  private final DataDirectory directory;
  private final Clock clock;
  private final StoreCounters counters;
  private final RecentRemovals removals;
  private final Registry registry;
  private final JournalPosition position;
  private final String runId;
  private final SnapshotScheduler snapshots;
  private final JournalFollower journal;
  private @Nullable DirectoryLock lock;

  /**
   * The owner that the lock file named when it was last read or written: an earlier run until this
   * one is recorded.
   */
  private String owner = "";

  /** True if a journal was created in this run. */
  private boolean hasJournaled;

  private long retryNs;
  private long markedAliveNs;

  /**
   * Creates a writer of the changes from the newest on.
   *
   * @param runId id of this run, recorded as owner of the directory
   * @param lock on the directory
   * @param recovered the recovered state
   */
  StoreWriter(
      StoreSettings settings,
      DataDirectory directory,
      Storage disk,
      Clock clock,
      StoreCounters counters,
      RecentRemovals removals,
      Registry registry,
      String runId,
      DirectoryLock lock,
      Recovery.State recovered) {
    this.directory = directory;
    this.clock = clock;
    this.counters = counters;
    this.removals = removals;
    this.registry = registry;
    this.runId = runId;
    this.lock = lock;
    this.position = new JournalPosition(registry.changes(), settings.lagChangesMax());
    // A complete snapshot is due at once if there is none, or if data was damaged.
    boolean isDue = recovered.snapshot() == null || counters.corruptRanges() > 0;
    this.snapshots = new SnapshotScheduler(
        settings, directory, disk, clock, counters, registry, recovered, isDue);
    this.journal = new JournalFollower(
        settings,
        directory,
        disk,
        clock,
        counters,
        registry.changes(),
        position,
        snapshots::request);
    this.retryNs = clock.monotonicNs();
  }

  /**
   * Creates the journal and subscribes to the log. If the disk is full or fails, which may be
   * transient, the node serves the restored leases, keeps the directory, and retries.
   *
   * @throws IOException if the directory can't be written until an operator changes something
   */
  void start() throws IOException {
    try {
      if (lock != null) {
        owner = lock.owner();
      }
      snapshots.deleteUnfinished();
      startJournal();
    } catch (IOException failure) {
      if (DataDirectory.isPermanent(failure)) {
        release();
        throw failure;
      }
      fail(failure);
    } catch (RuntimeException failure) {
      release();
      throw failure;
    }
    registry.changes().onAppend(this::onAppend);
  }

  /** Called for each change, with the registry's monitor held. */
  private void onAppend() {
    Change change = registry.changes().last();
    position.onAppend(change);
    if (change.isRemoval()) {
      removals.add(
          change.document().key(),
          new Removal(change.version(), clock.wallMs(), change.cause(), change.origin()));
    }
  }

  /** Makes a snapshot due, since the registry has changes that the journal will not have. */
  void requestSnapshot() {
    snapshots.request();
  }

  JournalPosition position() {
    return position;
  }

  /** Performs the work that is due. */
  void step() {
    if (journal.isOpen()) {
      attempt(() -> {
        journal.drain(snapshots::isDueByBytes);
        if (clock.monotonicNs() - markedAliveNs >= ALIVE_NS) {
          markAlive();
        }
        snapshots.applyRetentionWhenDue();
      });
      if (journal.isOpen() && snapshots.isDue(journal.version())) {
        attemptSnapshot();
      }
    } else {
      position.skipToEnd();
      if (clock.monotonicNs() - retryNs >= 0) {
        attempt(this::resume);
      }
    }
  }

  /** Returns whether there is no work until the next change. */
  boolean isIdle() {
    return journal.isIdle();
  }

  /** Writes the remaining changes, and a snapshot for a quick start. */
  void finish() {
    if (journal.isOpen()) {
      attempt(() -> {
        journal.sync();
        markAlive();
      });
      if (journal.isOpen() && !snapshots.isNewest(journal.version())) {
        attemptSnapshot();
      }
    }
    release();
  }

  private void attempt(Storage.IoAction action) {
    try {
      action.run();
    } catch (IOException | RuntimeException | Error failure) {
      fail(failure);
    }
  }

  private void attemptSnapshot() {
    try {
      takeSnapshot();
    } catch (IOException | RuntimeException | Error failure) {
      if (!journal.isSound()) {
        fail(failure);
        return;
      }
      log("no snapshot can be written, the journal continues", failure);
      snapshots.postpone(RETRY_NS);
    }
  }

  private void fail(Throwable failure) {
    log("changes are not written and would be lost by a restart", failure);
    retryNs = clock.monotonicNs() + RETRY_NS;
    if (hasJournaled) {
      release();
    } else {
      journal.close();
    }
    position.markLost();
  }

  private void log(String message, Throwable failure) {
    if (counters.recordFailure(message + ": " + failure, clock.wallMs())) {
      LOG.error(
          "{}; retried every {} s directory={}: {}",
          message,
          TimeUnit.NANOSECONDS.toSeconds(RETRY_NS),
          directory.path(),
          failure.toString(),
          failure instanceof IOException ? null : failure);
    } else {
      LOG.debug("{}: {}", message, failure.toString());
    }
  }

  /**
   * Closes files and releases the lock: the next attempt may find another directory under the path.
   */
  void release() {
    journal.close();
    DirectoryLock acquired = lock;
    lock = null;
    DataDirectory.closeQuietly(acquired);
  }

  private void resume() throws IOException {
    release();
    directory.create();
    DirectoryLock acquired = directory.tryLock();
    if (acquired == null) {
      throw new IOException("another node uses the data directory");
    }
    lock = acquired;
    if (directory.files().isEmpty()) {
      counters.clearPartialRestore();
    } else if (!acquired.owner().equals(owner)) {
      throw new IOException("another node has used the data directory, its files are left alone");
    }
    Recovery.refuseNewerFormats(directory);
    snapshots.deleteUnfinished();
    startJournal();
    attemptSnapshot();
    if (journal.isOpen()) {
      LOG.warn("changes are written again directory={}", directory.path());
    }
  }

  private void startJournal() throws IOException {
    journal.open(registry.leaseCount());
    markAlive();
    hasJournaled = true;
  }

  private void markAlive() throws IOException {
    DirectoryLock acquired = lock;
    if (acquired != null) {
      acquired.claim(runId, clock.wallMs());
      owner = runId;
    }
    markedAliveNs = clock.monotonicNs();
  }

  private void takeSnapshot() throws IOException {
    long fromVersion = journal.version();
    if (!snapshots.isSuspended()) {
      snapshots.take(fromVersion, journal::drain, () -> {
        journal.sync();
        return journal.version();
      });
    }
    position.markCovered(fromVersion);
    if (!snapshots.isRequested()) {
      counters.clearFailure();
    }
  }
}
