// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.registry.Registry;
import io.systole.server.store.SnapshotReader.Summary;
import io.systole.server.time.Clock;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node remembers over a restart. It reads its directory when it is opened, gives the leases
 * to the registry before that serves, and writes what happens from then on, by a thread of its own.
 * A start without a usable directory fails; whatever goes wrong with the disk once the leases are
 * read, the node goes on.
 */
public final class Store {
  /*
   * The starting thread opens and starts; from then on the store's thread alone writes. It waits
   * when it is idle. Whoever makes a change looks at one volatile flag, and wakes it if it waits;
   * the flag is set before the log is looked at a last time, so no change is overlooked. Between two
   * batches it rests a little, so that a steady stream of changes wakes nobody.
   */

  /**
   * Versions that are passed over at a start: an earlier run may have told readers of changes that
   * were not safe yet when it ended.
   */
  static final long VERSIONS_SPARE = 1_000_000;

  /** From so many leases on, garbage is collected before the node serves. */
  private static final int MANY_LEASES = 50_000;

  private static final long REST_NS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long WAIT_NS = TimeUnit.SECONDS.toNanos(1);

  /** Flaws told one by one; the others are counted. */
  private static final int CORRUPT_RANGES_REPORTED_MAX = 20;

  private static final Logger LOG = LoggerFactory.getLogger(Store.class);

  private final StoreSettings settings;
  private final @Nullable DataDirectory directory;
  private final TimedStorage disk;
  private final Clock clock;
  private final StoreCounters counts = new StoreCounters();
  private final StoreHealth health;
  private final RecentRemovals removals = new RecentRemovals();
  private final String runId = UUID.randomUUID().toString();
  private @Nullable DirectoryLock lock;
  private final RemovalIndex index = new RemovalIndex();
  private Recovery.State recovered = new Recovery.State(new PersistedLeases(), 0, null, 0);

  /** When an earlier run last wrote or marked that it runs, epoch ms; 0 when that is not known. */
  private long newestMs;

  private @Nullable Thread thread;
  private volatile boolean isWaiting;
  private volatile boolean isStopping;

  private Store(StoreSettings settings, Clock clock, Storage disk) {
    this.settings = settings;
    Path path = settings.directory();
    this.directory = path == null ? null : new DataDirectory(path);
    this.disk = new TimedStorage(disk, clock);
    this.clock = clock;
    this.health = new StoreHealth(clock, this.disk, counts);
  }

  /**
   * Takes the directory for this node, and then reads what an earlier run wrote.
   *
   * @throws IOException if the directory can't be had, be it that another node does not leave it in
   *     time or that a later release wrote it: nothing in it is changed then
   */
  public static Store open(StoreSettings settings, Clock clock) throws IOException {
    return open(settings, clock, Storage.REAL);
  }

  static Store open(StoreSettings settings, Clock clock, Storage disk) throws IOException {
    Store store = new Store(settings, clock, disk);
    DataDirectory directory = store.directory;
    if (directory != null) {
      try {
        store.take(directory);
      } catch (IOException failure) {
        throw directory.unusable(failure);
      }
    }
    return store;
  }

  private void take(DataDirectory directory) throws IOException {
    directory.make();
    FilePermissions.warnIfShared(directory.path());
    DirectoryLock taken = directory.lock(settings.directoryWaitMs());
    lock = taken;
    boolean isRead = false;
    try {
      newestMs = taken.lastAliveMs();
      Recovery.refuseNewerFormats(directory);
      recovered =
          new Recovery(directory, new RecoveryProgress(clock, this::note)).latest(this::noteEntry);
      leaveWhatIsTooOld(directory);
      claim(taken);
      isRead = true;
    } finally {
      if (!isRead) {
        release();
      }
    }
  }

  /** Makes this run the owner; on a disk that fails, the first journal that can be begun does. */
  private void claim(DirectoryLock taken) throws IOException {
    try {
      taken.claim(runId, clock.wallMs());
    } catch (IOException failure) {
      if (DataDirectory.isLasting(failure)) {
        throw failure;
      }
      LOG.debug("the lock file can't be written: {}", failure.toString());
    }
  }

  private void note(CorruptRange corruptRange) {
    if (corruptRange.isTail()) {
      LOG.info("the last write of an earlier run was cut short {}", corruptRange);
      return;
    }
    counts.corruptRange();
    if (counts.corruptRanges() <= CORRUPT_RANGES_REPORTED_MAX) {
      LOG.warn("passed over what can't be read {}", corruptRange);
    }
  }

  private void noteEntry(JournalEntry entry) {
    newestMs = Math.max(newestMs, entry.atMs());
    if (entry instanceof JournalEntry.Changed changed && changed.document() == null) {
      removals.note(
          changed.key(),
          new Removal(changed.version(), changed.atMs(), changed.cause(), changed.origin()));
    }
  }

  /**
   * Gives up leases that nobody has looked after for longer than the operator wants. The journal
   * keeps them; a snapshot without them is due, so that no later start restores them.
   *
   * <p>A clock that was set back makes them younger than they are, never older: when in doubt they
   * are restored, and end after one duration unless they are renewed.
   */
  private void leaveWhatIsTooOld(DataDirectory directory) {
    Summary snapshot = recovered.snapshot();
    long lastMs = Math.max(newestMs, snapshot == null ? 0 : snapshot.endMs());
    long ageMs = clock.wallMs() - lastMs;
    int leases = recovered.holdings().size();
    if (settings.restoreMaxAgeMs() == 0 || ageMs <= settings.restoreMaxAgeMs() || leases == 0) {
      return;
    }
    LOG.warn(
        "leases are not restored, the node was down for longer than --restore-max-age-ms={};"
            + " systole journal at shows them leases={} downMs={} directory={}",
        settings.restoreMaxAgeMs(),
        leases,
        ageMs,
        directory.path());
    recovered = new Recovery.State(new PersistedLeases(), recovered.version(), null, 0);
  }

  /** What the versions of this run must be greater than; 0 when nothing is remembered. */
  public long versionAfter() {
    return recovered.version() == 0 ? 0 : recovered.version() + VERSIONS_SPARE;
  }

  /** How many leases are remembered, so that the registry can make room for them. */
  public int leases() {
    return recovered.holdings().size();
  }

  /**
   * Gives the registry what is remembered and follows it from then on. Called once, before the
   * registry serves; the registry counts its versions from {@link #versionAfter}.
   *
   * @return how many leases were restored
   * @throws IOException if the directory can't be written, but for a disk that is full or fails
   */
  public int start(Registry registry) throws IOException {
    int restored = restore(registry);
    StoreWriter begun = writerFor(registry);
    if (begun != null) {
      run(begun, registry);
    }
    return restored;
  }

  /** Who writes what happens from now on; null when nothing is to be written. */
  @Nullable
  StoreWriter writerFor(Registry registry) throws IOException {
    DirectoryLock taken = lock;
    if (directory == null || taken == null) {
      return null;
    }
    StoreWriter begun = new StoreWriter(
        settings, directory, disk, clock, counts, removals, registry, runId, taken, recovered);
    lock = null;
    try {
      begun.begin();
    } catch (IOException failure) {
      throw directory.unusable(failure);
    }
    health.follow(begun.position());
    return begun;
  }

  int restore(Registry registry) {
    PersistedLeases holdings = recovered.holdings();
    if (holdings.isEmpty()) {
      return 0;
    }
    int found = holdings.size();
    int restored = registry.restore(holdings);
    holdings.clear();
    if (restored < found) {
      counts.partlyRestored(restored, found, clock.wallMs());
      LOG.error(
          "not all leases fit --max-instances and --max-registry-bytes restored={} of={}; no snapshot"
              + " is taken, a restart with larger bounds restores them all",
          restored,
          found);
    }
    LOG.info("restored leases={} version={}", restored, recovered.version());
    if (restored >= MANY_LEASES) {
      // The first young collection behind a bulk load copies all of it, and stops the node for as
      // long as a second. Before it serves, that hurts nobody.
      System.gc();
    }
    return restored;
  }

  private void run(StoreWriter begun, Registry registry) {
    Thread started = new Thread(() -> writeUntilStopped(begun), "systole-store");
    started.setDaemon(true);
    thread = started;
    registry.changes().onAppend(() -> {
      if (isWaiting) {
        isWaiting = false;
        LockSupport.unpark(started);
      }
    });
    started.start();
  }

  private void writeUntilStopped(StoreWriter begun) {
    while (!isStopping) {
      stepOrFail(begun);
      if (begun.isIdle()) {
        isWaiting = true;
        if (begun.isIdle() && !isStopping) {
          LockSupport.parkNanos(WAIT_NS);
        }
        isWaiting = false;
      } else {
        LockSupport.parkNanos(REST_NS);
      }
    }
    begun.end();
  }

  /** An error, be it one of the report of another, must not end the store's thread. */
  private void stepOrFail(StoreWriter begun) {
    try {
      begun.step();
    } catch (RuntimeException | Error failure) {
      counts.failed("the store's thread failed", clock.wallMs());
      LOG.error("the store's thread failed and goes on", failure);
    }
  }

  public StoreCounters counts() {
    return counts;
  }

  /** What the store owes, and what keeps it from writing. */
  public StoreHealth health() {
    return health;
  }

  /**
   * How an instance went the last time; null when nobody knows. Those who went of late are known by
   * heart; for others the journals that may tell are read: not for an event loop.
   */
  public @Nullable Removal lastKnown(InstanceKey key) {
    Removal removal = removals.of(key);
    if (removal != null || directory == null) {
      return removal;
    }
    try {
      return index.last(directory, key);
    } catch (IOException failure) {
      LOG.debug("journals can't be read: {}", failure.toString());
      return null;
    }
  }

  /**
   * Writes what is left, and waits for that, but not longer than given. The registry doesn't change
   * any more.
   *
   * @param waitMs for everything together; a thread that the disk keeps longer is left behind
   */
  public void close(long waitMs) {
    isStopping = true;
    Thread running = thread;
    if (running != null) {
      LockSupport.unpark(running);
      try {
        running.join(Math.max(1, waitMs));
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
      }
      if (running.isAlive()) {
        LOG.warn(
            "stopping without the disk, which has not finished within {} ms: changes not written are"
                + " lost, and those not synced if the power fails {}",
            waitMs,
            health.summary());
      }
    }
    release();
  }

  /** A store that was never started has the lock still. */
  private void release() {
    DirectoryLock held = lock;
    lock = null;
    close(held);
  }

  static void close(@Nullable Closeable resource) {
    try {
      if (resource != null) {
        resource.close();
      }
    } catch (IOException failure) {
      LOG.debug("closing failed: {}", failure.toString());
    }
  }
}
