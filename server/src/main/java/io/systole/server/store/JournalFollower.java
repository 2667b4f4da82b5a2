// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.protocol.time.Clock;
import io.systole.server.registry.Change;
import io.systole.server.registry.ChangeLog;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Copies the changes of a log to the journal, if one is open. Not thread-safe. */
final class JournalFollower {
  /*
   * No method that performs I/O holds a reference to a change, see JournalPosition.
   */

  private static final Logger LOG = LoggerFactory.getLogger(JournalFollower.class);

  private final StoreSettings settings;
  private final DataDirectory directory;
  private final Storage disk;
  private final Clock clock;
  private final StoreCounters counters;
  private final ChangeLog log;
  private final JournalPosition position;
  private final Runnable onGap;
  private @Nullable JournalWriter journal;

  /** Version up to which the journal contains changes, or a gap. */
  private long version;

  /** True if the last operation on the journal succeeded. */
  private boolean isSound;

  /**
   * Creates a follower without a journal.
   *
   * @param onGap run when changes are missing from the journal
   */
  JournalFollower(
      StoreSettings settings,
      DataDirectory directory,
      Storage disk,
      Clock clock,
      StoreCounters counters,
      ChangeLog log,
      JournalPosition position,
      Runnable onGap) {
    this.settings = settings;
    this.directory = directory;
    this.disk = disk;
    this.clock = clock;
    this.counters = counters;
    this.log = log;
    this.position = position;
    this.onGap = onGap;
  }

  /**
   * Creates a journal for the changes after the current position.
   *
   * @param leases number of leases in the registry
   */
  void open(long leases) throws IOException {
    version = position.version();
    JournalWriter writer =
        new JournalWriter(directory, disk, settings.journalBytesMax(), clock, counters, version);
    journal = writer;
    writer.appendStarted(version, leases);
    writer.write();
    isSound = true;
  }

  boolean isOpen() {
    return journal != null;
  }

  /** Closes the journal, if one is open. */
  void close() {
    JournalWriter open = journal;
    journal = null;
    DataDirectory.closeQuietly(open);
  }

  /** Returns the version up to which the journal contains changes, or a gap. */
  long version() {
    return version;
  }

  /** Returns whether the last operation on the journal succeeded. */
  boolean isSound() {
    return isSound;
  }

  /** Returns whether all changes are in the journal and synced; true without a journal. */
  boolean isIdle() {
    JournalWriter open = journal;
    return position.isAtEnd() && (open == null || open.isSynced());
  }

  /** Writes all changes up to now. */
  void drain() throws IOException {
    drain(() -> false);
  }

  /**
   * Writes the changes up to now. Changes made meanwhile are left to the next call, since a steady
   * stream of them would starve the other work.
   *
   * @param endsEarly returns true to stop after the current batch
   */
  void drain(BooleanSupplier endsEarly) throws IOException {
    isSound = false;
    JournalWriter open = journal();
    long until = log.version();
    boolean hasMore = true;
    while (hasMore) {
      hasMore = appendChanges(open, until) && !endsEarly.getAsBoolean();
      open.write();
      position.markWritten();
      syncWhenDue(open);
    }
    isSound = true;
  }

  /**
   * Appends changes to the journal's buffer.
   *
   * @param until version of the last change to append
   * @return whether changes are left because the buffer is full
   */
  private boolean appendChanges(JournalWriter open, long until) throws IOException {
    long wallAheadMs = clock.wallMs() - TimeUnit.NANOSECONDS.toMillis(clock.monotonicNs());
    while (version < until && !open.isFull()) {
      Change next = position.takeAfter(version);
      if (next == null) {
        return appendGap(open);
      }
      open.append(next, wallAheadMs);
      version = next.version();
    }
    return version < until;
  }

  /** Appends a gap for changes skipped by the position; returns whether there were any. */
  private boolean appendGap(JournalWriter open) throws IOException {
    long skippedTo = position.version();
    if (skippedTo == version) {
      return false;
    }
    long count = skippedTo - version;
    open.appendGap(version + 1, skippedTo);
    version = skippedTo;
    counters.addSkipped(count);
    onGap.run();
    LOG.warn("the writer fell behind, a snapshot replaces the skipped changes count={}", count);
    return true;
  }

  private void syncWhenDue(JournalWriter open) throws IOException {
    if (open.isSyncDue(TimeUnit.MILLISECONDS.toNanos(settings.syncMs()))) {
      open.write();
      open.checkExists();
      open.sync();
    }
  }

  /** Writes all changes up to now, and syncs the journal. */
  void sync() throws IOException {
    drain();
    isSound = false;
    journal().sync();
    isSound = true;
  }

  private JournalWriter journal() {
    JournalWriter open = journal;
    if (open == null) {
      throw new IllegalStateException("no journal is open");
    }
    return open;
  }
}
