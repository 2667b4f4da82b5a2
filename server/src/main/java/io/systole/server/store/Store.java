// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.time.Clock;
import io.systole.server.registry.Registry;
import io.systole.server.store.SnapshotReader.Summary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The persistence of a registry across restarts. Opening reads the directory, and the leases are
 * restored before the registry serves; once {@link #startWriting} was called, only a
 * {@link StoreThread} writes. Startup fails without a usable directory; once the leases are read,
 * the node survives any failure of the disk.
 */
public final class Store {
  /**
   * Versions skipped at startup: an earlier run may have published changes that were not yet
   * persisted when it ended.
   */
  static final long VERSIONS_SPARE = 1_000_000;

  /** Limit on corrupt ranges logged one by one; further ones are only counted. */
  private static final int CORRUPT_RANGES_REPORTED_MAX = 20;

  private static final Logger LOG = LoggerFactory.getLogger(Store.class);

  private final StoreSettings settings;
  private final @Nullable DataDirectory directory;
  private final TimedStorage disk;
  private final Clock clock;
  private final StoreCounters counters = new StoreCounters();
  private final StoreHealth health;
  private final RecentRemovals removals = new RecentRemovals();
  private final String runId;
  private @Nullable DirectoryLock lock;
  private final RemovalIndex index = new RemovalIndex();
  private Recovery.State recovered = new Recovery.State(new PersistedLeases(), 0, null, 0);

  /** Time at which an earlier run last recorded that it was running, epoch ms; 0 if unknown. */
  private long lastActivityMs;

  /** The registry's version after the leases were restored. */
  private long restoredVersion;

  private @Nullable StoreThread thread;

  private Store(StoreSettings settings, Clock clock, String runId, Storage disk) {
    this.settings = settings;
    this.runId = runId;
    Path path = settings.directory();
    this.directory = path == null ? null : new DataDirectory(path);
    this.disk = new TimedStorage(disk, clock);
    this.clock = clock;
    this.health = new StoreHealth(clock, this.disk, counters);
  }

  /**
   * Locks the directory and reads the data of earlier runs.
   *
   * @param runId identifies this run in the directory
   * @throws IOException if the directory can't be used, for example because another node does not
   *     release it in time or a later release wrote to it; no file is changed then
   */
  public static Store open(StoreSettings settings, Clock clock, String runId) throws IOException {
    return open(settings, clock, runId, Storage.REAL);
  }

  static Store open(StoreSettings settings, Clock clock, String runId, Storage disk)
      throws IOException {
    Store store = new Store(settings, clock, runId, disk);
    DataDirectory directory = store.directory;
    if (directory != null) {
      try {
        store.acquire(directory);
      } catch (IOException failure) {
        throw directory.unusableException(failure);
      }
    }
    return store;
  }

  /**
   * Checks that a directory can be opened, without creating or locking it.
   *
   * @throws IOException if it can't, with the message of {@link #open}
   */
  public static void requireUsable(StoreSettings settings) throws IOException {
    Path path = settings.directory();
    if (path == null) {
      return;
    }
    DataDirectory directory = new DataDirectory(path);
    try {
      directory.requireWritable();
      if (Files.exists(path)) {
        Recovery.refuseNewerFormats(directory);
      }
    } catch (IOException failure) {
      throw directory.unusableException(failure);
    }
  }

  private void acquire(DataDirectory directory) throws IOException {
    directory.create();
    FilePermissions.warnIfShared(directory.path());
    DirectoryLock acquired = directory.lock(settings.directoryWaitMs());
    lock = acquired;
    boolean isRead = false;
    try {
      lastActivityMs = acquired.lastAliveMs();
      Recovery.refuseNewerFormats(directory);
      recovered =
          new Recovery(directory, new RecoveryProgress(clock, this::report)).latest(this::observe);
      discardOutdatedLeases(directory);
      claim(acquired);
      isRead = true;
    } finally {
      if (!isRead) {
        release();
      }
    }
  }

  /**
   * Records this run as the owner. If the disk fails, the first journal that can be created does
   * so.
   */
  private void claim(DirectoryLock acquired) throws IOException {
    try {
      acquired.claim(runId, clock.wallMs());
    } catch (IOException failure) {
      if (DataDirectory.isPermanent(failure)) {
        throw failure;
      }
      LOG.debug("the lock file can't be written: {}", failure.toString());
    }
  }

  private void report(CorruptRange corruptRange) {
    if (corruptRange.isTail()) {
      LOG.info("torn last write of an earlier run {}", corruptRange);
      return;
    }
    counters.addCorruptRange();
    if (counters.corruptRanges() <= CORRUPT_RANGES_REPORTED_MAX) {
      LOG.warn("skipped a corrupt range {}", corruptRange);
    }
  }

  private void observe(JournalEntry entry) {
    lastActivityMs = Math.max(lastActivityMs, entry.atMs());
    if (entry instanceof JournalEntry.Changed changed && changed.document() == null) {
      removals.add(
          changed.key(),
          new Removal(changed.version(), changed.atMs(), changed.cause(), changed.origin()));
    }
  }

  /**
   * Discards leases of a run that ended longer ago than {@code --restore-max-age}. The journal
   * keeps them; a snapshot without them becomes due, so that no later start restores them.
   *
   * <p>A clock that was set back makes leases look younger, never older: in doubt they are
   * restored, and expire after one lease duration unless renewed.
   */
  private void discardOutdatedLeases(DataDirectory directory) {
    Summary snapshot = recovered.snapshot();
    long lastMs = Math.max(lastActivityMs, snapshot == null ? 0 : snapshot.endMs());
    long ageMs = clock.wallMs() - lastMs;
    int leases = recovered.leases().size();
    if (settings.restoreMaxAgeMs() == 0 || ageMs <= settings.restoreMaxAgeMs() || leases == 0) {
      return;
    }
    LOG.warn(
        "leases are not restored, the node was down for longer than --restore-max-age={}ms;"
            + " systole journal at shows them leases={} downMs={} directory={}",
        settings.restoreMaxAgeMs(),
        leases,
        ageMs,
        directory.path());
    recovered = new Recovery.State(new PersistedLeases(), recovered.version(), null, 0);
  }

  /** Returns the version after which this run starts to count; 0 if no data was found. */
  public long versionAfter() {
    return recovered.version() == 0 ? 0 : recovered.version() + VERSIONS_SPARE;
  }

  /** Returns the number of leases found, as a size hint for the registry. */
  public int leases() {
    return recovered.leases().size();
  }

  /**
   * Starts to write the registry's changes. Called once, before the registry serves. Leases that
   * were loaded since {@link #restore} are written as a snapshot, at less cost than as changes.
   *
   * @throws IOException if the directory can't be written for a reason other than a full or failing
   *     disk
   */
  public void startWriting(Registry registry) throws IOException {
    StoreWriter writer = startWriter(registry);
    if (writer != null) {
      StoreThread started = new StoreThread(writer, counters, clock);
      thread = started;
      started.start(registry.changes());
    }
  }

  /** Starts the writer of the changes; returns null if there is no data directory. */
  @Nullable
  StoreWriter startWriter(Registry registry) throws IOException {
    DirectoryLock acquired = lock;
    if (directory == null || acquired == null) {
      return null;
    }
    StoreWriter writer = new StoreWriter(
        settings, directory, disk, clock, counters, removals, registry, runId, acquired, recovered);
    if (registry.version() != restoredVersion) {
      writer.requestSnapshot();
    }
    lock = null;
    try {
      writer.start();
    } catch (IOException failure) {
      throw directory.unusableException(failure);
    }
    health.follow(writer.position());
    return writer;
  }

  /**
   * Restores the leases into the registry, which counts its versions from {@link #versionAfter}.
   * Called once.
   *
   * @return the number of leases restored
   */
  public int restore(Registry registry) {
    int restored = recovered.leases().isEmpty() ? 0 : restore(registry, recovered.leases());
    restoredVersion = registry.version();
    return restored;
  }

  private int restore(Registry registry, PersistedLeases leases) {
    int found = leases.size();
    int restored = registry.restore(leases);
    leases.clear();
    counters.recordRestore(restored);
    if (restored < found) {
      counters.recordPartialRestore(restored, found, clock.wallMs());
      LOG.error(
          "not all leases fit --max-instances and --max-registry-size restored={} of={}; snapshots"
              + " are suspended, a restart with higher limits restores them all",
          restored,
          found);
    }
    LOG.info("restored leases={} version={}", restored, recovered.version());
    return restored;
  }

  public StoreCounters counts() {
    return counters;
  }

  /** Returns the lag and the degradation of the store. */
  public StoreHealth health() {
    return health;
  }

  /**
   * Returns the last removal of an instance; null if unknown. Recent removals are in memory; for
   * older ones this reads journals and must not run on an event loop.
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
   * Returns the last changes of an instance before a version, from the journals. Must not run on an
   * event loop.
   *
   * @param limit the maximum number of changes, 1 or greater
   */
  public InstanceJournal changesBefore(InstanceKey key, long version, int limit) {
    try {
      return directory == null
          ? InstanceJournal.EMPTY
          : InstanceJournal.read(directory, key, version, limit);
    } catch (IOException failure) {
      LOG.debug("journals can't be read: {}", failure.toString());
      return InstanceJournal.EMPTY;
    }
  }

  /**
   * Writes the remaining changes and waits for that, at most {@code waitMs}. The registry must not
   * change any more.
   *
   * @param waitMs limit on the whole call; a thread blocked on the disk longer than that is
   *     abandoned
   */
  public void close(long waitMs) {
    StoreThread running = thread;
    if (running != null && !running.stop(waitMs)) {
      LOG.warn(
          "stopping although the disk has not finished within {} ms: unwritten changes are lost,"
              + " unsynced ones too if the power fails {}",
          waitMs,
          health.summary());
    }
    release();
  }

  /** A store that was never started still holds the lock. */
  private void release() {
    DirectoryLock unreleased = lock;
    lock = null;
    DataDirectory.closeQuietly(unreleased);
  }
}
