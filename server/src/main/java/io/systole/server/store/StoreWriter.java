// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.protocol.model.InstanceInfo;
import io.systole.server.registry.Change;
import io.systole.server.registry.ChangeLog;
import io.systole.server.registry.Registry;
import io.systole.server.time.Clock;
import java.io.IOException;
import java.nio.channels.FileChannel;
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
   * with a snapshot, which makes good for what was missed.
   */

  static final long RETRY_NS = TimeUnit.SECONDS.toNanos(30);

  private static final Logger LOG = LoggerFactory.getLogger(StoreWriter.class);

  /** After so many records it is looked whether they are to be synced. */
  private static final int STRIDE = 256;

  private final StoreSettings settings;
  private final DataDirectory directory;
  private final Disk disk;
  private final Clock clock;
  private final StoreCounts counts;
  private final Departures departures;
  private final Registry registry;
  private Change position;
  private @Nullable FileChannel lock;
  private @Nullable Journal journal;
  private final Snapshots snapshots;
  private long retryNs;

  /**
   * Follows the registry from its newest change on.
   *
   * @param lock on the directory; null when it couldn't be had
   * @param recovered what the registry was made of
   */
  StoreWriter(
      StoreSettings settings,
      DataDirectory directory,
      Disk disk,
      Clock clock,
      StoreCounts counts,
      Departures departures,
      Registry registry,
      @Nullable FileChannel lock,
      Recovery.State recovered) {
    this.settings = settings;
    this.directory = directory;
    this.disk = disk;
    this.clock = clock;
    this.counts = counts;
    this.departures = departures;
    this.registry = registry;
    this.lock = lock;
    this.position = registry.changes().last();
    // Nothing to fall back on, or something that couldn't be read: better begin with a whole one.
    boolean isDue = recovered.snapshot() == null || counts.flaws() > 0;
    this.snapshots = new Snapshots(
        settings, directory, disk, clock, counts, registry, recovered.journalBytes(), isDue);
    this.retryNs = clock.monotonicNs();
  }

  /** Begins the journal, if the directory could be had. */
  void begin() {
    if (lock != null) {
      attempt(this::beginJournal);
    } else {
      retryNs = clock.monotonicNs() + RETRY_NS;
    }
  }

  /** Does what is due. */
  void step() {
    if (journal != null) {
      attempt(() -> {
        skipWhenFarBehind();
        drain();
        if (snapshots.isDue(position.version())) {
          takeSnapshot();
        }
      });
    } else {
      follow();
      if (clock.monotonicNs() - retryNs >= 0) {
        attempt(this::resume);
      }
    }
    counts.lag(registry.changes().version() - position.version());
  }

  /** Whether nothing is owed until another change is made. */
  boolean isIdle() {
    Journal open = journal;
    return position.next() == null && (open == null || open.isSynced());
  }

  /** Writes what is left, and a snapshot, so that the next start is quick. */
  void end() {
    if (journal != null) {
      attempt(() -> {
        drain();
        if (!snapshots.isNewest(position.version())) {
          takeSnapshot();
        }
        journal().sync();
      });
    }
    release();
  }

  private interface Duty {
    void run() throws IOException;
  }

  private void attempt(Duty duty) {
    try {
      duty.run();
    } catch (IOException | RuntimeException failure) {
      fail(failure);
    }
  }

  private void fail(Exception failure) {
    if (counts.isDegraded()) {
      LOG.debug("changes still can't be written: {}", failure.toString());
    } else {
      LOG.error(
          "changes are no longer written, a restart would forget them; tried again every {} s"
              + " directory={}: {}",
          TimeUnit.NANOSECONDS.toSeconds(RETRY_NS),
          directory.path(),
          failure.toString(),
          failure instanceof RuntimeException ? failure : null);
    }
    counts.failed();
    retryNs = clock.monotonicNs() + RETRY_NS;
    release();
  }

  /** Gives back files and lock: the directory may be another one when it is tried again. */
  void release() {
    Journal open = journal;
    FileChannel held = lock;
    journal = null;
    lock = null;
    Store.close(open);
    Store.close(held);
  }

  private void resume() throws IOException {
    directory.make();
    FileChannel held = directory.lock();
    if (held == null) {
      throw new IOException(directory.path() + " is in use by another node");
    }
    lock = held;
    Recovery.refuseNewerFormats(directory);
    beginJournal();
    takeSnapshot();
    LOG.warn("changes are written again directory={}", directory.path());
  }

  private void beginJournal() throws IOException {
    Journal begun = new Journal(
        directory, disk, settings.journalFileBytesMax(), clock, counts, position.version());
    journal = begun;
    begun.appendBegan(position.version(), registry.leaseCount());
    begun.write();
  }

  // ---------------------------------------------------------------- journal

  /** Writes every change there is. */
  private void drain() throws IOException {
    Journal open = journal();
    long wallAheadMs = wallAheadMs();
    int written = 0;
    for (Change next = position.next(); next != null; next = next.next()) {
      open.append(next, wallAheadMs);
      pass(next, wallAheadMs);
      if (++written % STRIDE == 0) {
        syncWhenDue(open);
      }
    }
    open.write();
    syncWhenDue(open);
  }

  private void syncWhenDue(Journal open) throws IOException {
    if (open.isSyncDue(TimeUnit.MILLISECONDS.toNanos(settings.syncMs()))) {
      open.write();
      open.checkIsThere();
      open.sync();
    }
  }

  /** Who is too far behind would hold the changes in memory; a snapshot tells the same. */
  private void skipWhenFarBehind() throws IOException {
    ChangeLog log = registry.changes();
    if (log.version() - position.version() <= settings.lagChangesMax()) {
      return;
    }
    long from = position.version() + 1;
    follow();
    journal().appendSkipped(from, position.version());
    counts.skipped(position.version() - from + 1);
    LOG.warn(
        "changes come faster than they can be written, a snapshot takes their place count={}",
        position.version() - from + 1);
    snapshots.demand();
  }

  /** Passes by every change there is. */
  private void follow() {
    long wallAheadMs = wallAheadMs();
    for (Change next = position.next(); next != null; next = next.next()) {
      pass(next, wallAheadMs);
    }
  }

  private void pass(Change change, long wallAheadMs) {
    position = change;
    if (change.isRemoval()) {
      InstanceInfo gone = change.document();
      long atMs = wallAheadMs + TimeUnit.NANOSECONDS.toMillis(change.atNs());
      departures.note(
          gone.key(), new Departure(change.version(), atMs, change.cause(), change.origin()));
    }
  }

  private long wallAheadMs() {
    return clock.wallMs() - TimeUnit.NANOSECONDS.toMillis(clock.monotonicNs());
  }

  private Journal journal() {
    Journal open = journal;
    if (open == null) {
      throw new IllegalStateException("no journal is open");
    }
    return open;
  }

  private void takeSnapshot() throws IOException {
    snapshots.take(position.version(), this::drain, () -> {
      drain();
      journal().sync();
      return position.version();
    });
    // Whatever was missed before, this makes good for it.
    counts.recovered();
  }
}
