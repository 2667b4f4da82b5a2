// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.server.registry.Change;
import io.systole.server.registry.Registry;
import io.systole.server.time.Clock;
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
   * this one writes there no more. A failed snapshot leaves the journal open.
   *
   * No method that performs I/O holds a reference to a change, see JournalPosition.
   */

  static final long RETRY_NS = TimeUnit.SECONDS.toNanos(30);

  private static final Logger LOG = LoggerFactory.getLogger(StoreWriter.class);

  /**
   * Interval at which the node marks itself alive: a steady fleet makes no changes for days, and
   * the next start needs to know how long the node was down.
   */
  static final long ALIVE_NS = TimeUnit.MINUTES.toNanos(1);

  private final StoreSettings settings;
  private final DataDirectory directory;
  private final Storage disk;
  private final Clock clock;
  private final StoreCounters counters;
  private final RecentRemovals removals;
  private final Registry registry;
  private final JournalPosition position;
  private final String runId;
  private @Nullable DirectoryLock lock;
  private @Nullable JournalWriter journal;

  /**
   * The run named in the lock file as of the last access; an earlier run if the file can't be
   * written.
   */
  private String owner = "";

  /** Whether a journal was created in this run. */
  private boolean hasJournaled;

  /** Version up to which the journal contains changes, or a gap. */
  private long journaledVersion;

  /** Whether the last operation on the journal succeeded. */
  private boolean isJournalSound;

  private final SnapshotScheduler snapshots;
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
    this.settings = settings;
    this.directory = directory;
    this.disk = disk;
    this.clock = clock;
    this.counters = counters;
    this.removals = removals;
    this.registry = registry;
    this.runId = runId;
    this.lock = lock;
    this.position = new JournalPosition(registry.changes(), settings.lagChangesMax());
    // Without a snapshot, or after damage, a complete one is due at once.
    boolean isDue = recovered.snapshot() == null || counters.corruptRanges() > 0;
    this.snapshots = new SnapshotScheduler(
        settings, directory, disk, clock, counters, registry, recovered, isDue);
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

  JournalPosition position() {
    return position;
  }

  /** Performs the work that is due. */
  void step() {
    if (journal != null) {
      attempt(() -> {
        drain(true);
        if (clock.monotonicNs() - markedAliveNs >= ALIVE_NS) {
          markAlive();
        }
        snapshots.applyRetentionWhenDue();
      });
      if (journal != null && snapshots.isDue(journaledVersion)) {
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
    JournalWriter open = journal;
    return position.isAtEnd() && (open == null || open.isSynced());
  }

  /** Writes the remaining changes, and a snapshot for a quick start. */
  void finish() {
    if (journal != null) {
      attempt(() -> {
        syncJournal();
        markAlive();
      });
      if (journal != null && !snapshots.isNewest(journaledVersion)) {
        attemptSnapshot();
      }
    }
    release();
  }

  private interface IoTask {
    void run() throws IOException;
  }

  private void attempt(IoTask task) {
    try {
      task.run();
    } catch (IOException | RuntimeException | Error failure) {
      fail(failure);
    }
  }

  private void attemptSnapshot() {
    try {
      takeSnapshot();
    } catch (IOException | RuntimeException | Error failure) {
      if (!isJournalSound) {
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
      closeJournal();
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
    closeJournal();
    DirectoryLock acquired = lock;
    lock = null;
    DataDirectory.closeQuietly(acquired);
  }

  private void closeJournal() {
    JournalWriter open = journal;
    journal = null;
    DataDirectory.closeQuietly(open);
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
    if (journal != null) {
      LOG.warn("changes are written again directory={}", directory.path());
    }
  }

  private void startJournal() throws IOException {
    journaledVersion = position.version();
    JournalWriter writer = new JournalWriter(
        directory, disk, settings.journalBytesMax(), clock, counters, journaledVersion);
    journal = writer;
    writer.appendStarted(journaledVersion, registry.leaseCount());
    writer.write();
    isJournalSound = true;
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

  /** Writes all changes up to now. */
  private void drain() throws IOException {
    drain(false);
  }

  /**
   * Writes the changes up to now. Changes made meanwhile are left to the next call, since a steady
   * stream of them would starve the other work.
   *
   * @param endsWhenDue whether to stop early once the journal has grown enough for a snapshot
   */
  private void drain(boolean endsWhenDue) throws IOException {
    isJournalSound = false;
    JournalWriter open = journal();
    long until = registry.changes().version();
    boolean hasMore = true;
    while (hasMore) {
      hasMore = appendChanges(open, until) && !(endsWhenDue && snapshots.isDueByBytes());
      open.write();
      position.markWritten();
      syncWhenDue(open);
    }
    isJournalSound = true;
  }

  /**
   * Appends changes to the journal's buffer.
   *
   * @param until version of the last change to append
   * @return whether changes are left because the buffer is full
   */
  private boolean appendChanges(JournalWriter open, long until) throws IOException {
    long wallAheadMs = clock.wallMs() - TimeUnit.NANOSECONDS.toMillis(clock.monotonicNs());
    while (journaledVersion < until && !open.isFull()) {
      Change next = position.takeAfter(journaledVersion);
      if (next == null) {
        return appendGap(open);
      }
      open.append(next, wallAheadMs);
      journaledVersion = next.version();
    }
    return journaledVersion < until;
  }

  /** Appends a gap for changes skipped by the position; returns whether there were any. */
  private boolean appendGap(JournalWriter open) throws IOException {
    long skippedTo = position.version();
    if (skippedTo == journaledVersion) {
      return false;
    }
    long count = skippedTo - journaledVersion;
    open.appendGap(journaledVersion + 1, skippedTo);
    journaledVersion = skippedTo;
    counters.addSkipped(count);
    snapshots.request();
    LOG.warn("the writer fell behind, a snapshot replaces the skipped changes count={}", count);
    return true;
  }

  private void syncJournal() throws IOException {
    drain();
    isJournalSound = false;
    journal().sync();
    isJournalSound = true;
  }

  private void syncWhenDue(JournalWriter open) throws IOException {
    if (open.isSyncDue(TimeUnit.MILLISECONDS.toNanos(settings.syncMs()))) {
      open.write();
      open.checkExists();
      open.sync();
    }
  }

  private JournalWriter journal() {
    JournalWriter open = journal;
    if (open == null) {
      throw new IllegalStateException("no journal is open");
    }
    return open;
  }

  private void takeSnapshot() throws IOException {
    long fromVersion = journaledVersion;
    if (!snapshots.isSuspended()) {
      snapshots.take(fromVersion, this::drain, () -> {
        syncJournal();
        return journaledVersion;
      });
    }
    position.markCovered(fromVersion);
    if (!snapshots.isRequested()) {
      counters.clearFailure();
    }
  }
}
