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

/** Follows the changes of a registry and writes them: step by step, by one thread at a time. */
final class StoreWriter {
  /*
   * One thread writes both journal and snapshots, and goes on with the journal between the leases of
   * a snapshot. So a snapshot never tells what the journal doesn't have yet when it gets its name.
   *
   * Whatever fails, the node goes on: the journal is given up, the log is still followed, so that no
   * change is held in memory for the sake of a disk, and now and then all is tried anew, beginning
   * with a snapshot, which makes good for what was missed. The directory is free meanwhile. If another
   * node has owned it since, this one writes there no more. A snapshot that fails leaves the journal
   * as it is.
   *
   * No method that uses the disk holds a reference to a change, see JournalPosition.
   */

  static final long RETRY_NS = TimeUnit.SECONDS.toNanos(30);

  private static final Logger LOG = LoggerFactory.getLogger(StoreWriter.class);

  /**
   * How often the node marks that it runs: a fleet that is steady makes no changes for days, and
   * the next start asks for how long nobody has looked after the leases.
   */
  static final long ALIVE_NS = TimeUnit.MINUTES.toNanos(1);

  private final StoreSettings settings;
  private final DataDirectory directory;
  private final Storage disk;
  private final Clock clock;
  private final StoreCounters counts;
  private final RecentRemovals removals;
  private final Registry registry;
  private final JournalPosition position;
  private final String runId;
  private @Nullable DirectoryLock lock;
  private @Nullable JournalWriter journal;

  /** The run named in the lock file as this one left it; an earlier one if it can't be written. */
  private String owner = "";

  /** Whether a journal was begun in this run. */
  private boolean hasBegun;

  /** Version up to which the journal tells of changes, or of their being skipped. */
  private long reported;

  /** Whether the journal did all that it was last asked to. */
  private boolean isSound;

  private final SnapshotScheduler snapshots;
  private long retryNs;
  private long aliveNs;

  /**
   * Follows the registry from its newest change on.
   *
   * @param runId of this run, the directory's owner
   * @param lock on the directory
   * @param recovered what the registry was made of
   */
  StoreWriter(
      StoreSettings settings,
      DataDirectory directory,
      Storage disk,
      Clock clock,
      StoreCounters counts,
      RecentRemovals removals,
      Registry registry,
      String runId,
      DirectoryLock lock,
      Recovery.State recovered) {
    this.settings = settings;
    this.directory = directory;
    this.disk = disk;
    this.clock = clock;
    this.counts = counts;
    this.removals = removals;
    this.registry = registry;
    this.runId = runId;
    this.lock = lock;
    this.position = new JournalPosition(registry.changes(), settings.lagChangesMax());
    // Nothing to fall back on, or something that couldn't be read: better begin with a whole one.
    boolean isDue = recovered.snapshot() == null || counts.corruptRanges() > 0;
    this.snapshots =
        new SnapshotScheduler(settings, directory, disk, clock, counts, registry, recovered, isDue);
    this.retryNs = clock.monotonicNs();
  }

  /**
   * Begins the journal, and to follow the log. A disk that is full or fails may recover: the node
   * serves what was read, keeps the directory, and tries again.
   *
   * @throws IOException if the directory can't be written before an operator changes something
   */
  void begin() throws IOException {
    try {
      if (lock != null) {
        owner = lock.owner();
      }
      snapshots.deleteUnfinished();
      beginJournal();
    } catch (IOException failure) {
      if (DataDirectory.isLasting(failure)) {
        release();
        throw failure;
      }
      fail(failure);
    } catch (RuntimeException failure) {
      release();
      throw failure;
    }
    registry.changes().onAppend(this::appended);
  }

  /** A change was made; the registry's monitor is held. */
  private void appended() {
    Change change = registry.changes().last();
    position.appended(change);
    if (change.isRemoval()) {
      removals.note(
          change.document().key(),
          new Removal(change.version(), clock.wallMs(), change.cause(), change.origin()));
    }
  }

  JournalPosition position() {
    return position;
  }

  /** Does what is due. */
  void step() {
    if (journal != null) {
      attempt(() -> {
        drain(true);
        if (clock.monotonicNs() - aliveNs >= ALIVE_NS) {
          markAlive();
        }
        snapshots.retainWhenDue();
      });
      if (journal != null && snapshots.isDue(reported)) {
        attemptSnapshot();
      }
    } else {
      position.skipAll();
      if (clock.monotonicNs() - retryNs >= 0) {
        attempt(this::resume);
      }
    }
  }

  /** Whether nothing is owed until another change is made. */
  boolean isIdle() {
    JournalWriter open = journal;
    return position.isAtEnd() && (open == null || open.isSynced());
  }

  /** Writes what is left, and a snapshot, so that the next start is quick. */
  void end() {
    if (journal != null) {
      attempt(() -> {
        settle();
        markAlive();
      });
      if (journal != null && !snapshots.isNewest(reported)) {
        attemptSnapshot();
      }
    }
    release();
  }

  private interface Duty {
    void run() throws IOException;
  }

  private void attempt(Duty duty) {
    try {
      duty.run();
    } catch (IOException | RuntimeException | Error failure) {
      fail(failure);
    }
  }

  private void attemptSnapshot() {
    try {
      takeSnapshot();
    } catch (IOException | RuntimeException | Error failure) {
      if (!isSound) {
        fail(failure);
        return;
      }
      log("no snapshot can be written, the journal goes on", failure);
      snapshots.postpone(RETRY_NS);
    }
  }

  private void fail(Throwable failure) {
    log("changes are not written, a restart would forget them", failure);
    retryNs = clock.monotonicNs() + RETRY_NS;
    if (hasBegun) {
      release();
    } else {
      closeJournal();
    }
    position.lost();
  }

  private void log(String what, Throwable failure) {
    if (counts.failed(what + ": " + failure, clock.wallMs())) {
      LOG.error(
          "{}; tried again every {} s directory={}: {}",
          what,
          TimeUnit.NANOSECONDS.toSeconds(RETRY_NS),
          directory.path(),
          failure.toString(),
          failure instanceof IOException ? null : failure);
    } else {
      LOG.debug("{}: {}", what, failure.toString());
    }
  }

  /** Gives back files and lock: the directory may be another one when it is tried again. */
  void release() {
    closeJournal();
    DirectoryLock held = lock;
    lock = null;
    Store.close(held);
  }

  private void closeJournal() {
    JournalWriter open = journal;
    journal = null;
    Store.close(open);
  }

  private void resume() throws IOException {
    release();
    directory.make();
    DirectoryLock held = directory.tryLock();
    if (held == null) {
      throw new IOException("another node uses the data directory");
    }
    lock = held;
    if (directory.files().isEmpty()) {
      counts.passedOverUnrestored();
    } else if (!held.owner().equals(owner)) {
      throw new IOException("another node has used the data directory, its files are left alone");
    }
    Recovery.refuseNewerFormats(directory);
    snapshots.deleteUnfinished();
    beginJournal();
    attemptSnapshot();
    if (journal != null) {
      LOG.warn("changes are written again directory={}", directory.path());
    }
  }

  private void beginJournal() throws IOException {
    reported = position.version();
    JournalWriter begun =
        new JournalWriter(directory, disk, settings.journalBytesMax(), clock, counts, reported);
    journal = begun;
    begun.appendBegan(reported, registry.leaseCount());
    begun.write();
    isSound = true;
    markAlive();
    hasBegun = true;
  }

  private void markAlive() throws IOException {
    DirectoryLock held = lock;
    if (held != null) {
      held.claim(runId, clock.wallMs());
      owner = runId;
    }
    aliveNs = clock.monotonicNs();
  }

  // ---------------------------------------------------------------- journal

  /** Writes every change made until now. */
  private void drain() throws IOException {
    drain(false);
  }

  /**
   * Writes the changes made until now: those that are made meanwhile are for the next time, or a
   * steady stream of them would keep the store from its other work.
   *
   * @param endsWhenDue whether it ends early when the journal has grown enough for a snapshot
   */
  private void drain(boolean endsWhenDue) throws IOException {
    isSound = false;
    JournalWriter open = journal();
    long until = registry.changes().version();
    boolean isMore = true;
    while (isMore) {
      isMore = gather(open, until) && !(endsWhenDue && snapshots.isDueByBytes());
      open.write();
      position.written();
      syncWhenDue(open);
    }
    isSound = true;
  }

  /**
   * Encodes the changes that follow.
   *
   * @param until the version of the last one that is wanted
   * @return whether there may be more than fit
   */
  private boolean gather(JournalWriter open, long until) throws IOException {
    long wallAheadMs = clock.wallMs() - TimeUnit.NANOSECONDS.toMillis(clock.monotonicNs());
    while (reported < until && !open.isFull()) {
      Change next = position.takeAfter(reported);
      if (next == null) {
        return gatherSkipped(open);
      }
      open.append(next, wallAheadMs);
      reported = next.version();
    }
    return reported < until;
  }

  /** Notes the changes that this writer was too late for; returns whether there were any. */
  private boolean gatherSkipped(JournalWriter open) throws IOException {
    long reached = position.version();
    if (reached == reported) {
      return false;
    }
    long count = reached - reported;
    open.appendSkipped(reported + 1, reached);
    reported = reached;
    counts.skipped(count);
    snapshots.demand();
    LOG.warn(
        "changes came faster than they could be written, a snapshot takes their place count={}",
        count);
    return true;
  }

  private void settle() throws IOException {
    drain();
    isSound = false;
    journal().sync();
    isSound = true;
  }

  private void syncWhenDue(JournalWriter open) throws IOException {
    if (open.isSyncDue(TimeUnit.MILLISECONDS.toNanos(settings.syncMs()))) {
      open.write();
      open.checkIsThere();
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
    long begunAt = reported;
    if (!snapshots.isProtectedBack()) {
      snapshots.take(begunAt, this::drain, () -> {
        settle();
        return reported;
      });
    }
    position.covered(begunAt);
    if (!snapshots.isDemanded()) {
      counts.recovered();
    }
  }
}
