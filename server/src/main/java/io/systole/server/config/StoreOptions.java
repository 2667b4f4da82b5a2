// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import static io.systole.server.config.Option.duration;
import static io.systole.server.config.Option.size;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The options of persistence, which is off by default. */
final class StoreOptions {
  /**
   * The directory of the persistent state.
   *
   * @param path null for no persistence
   */
  record DataDirectoryOption(@Nullable Path path) {
    static final DataDirectoryOption NONE = new DataDirectoryOption(null);

    private static final String NOWHERE = "none";

    static @Nullable DataDirectoryOption parse(String text) {
      if (text.equals(NOWHERE)) {
        return NONE;
      }
      try {
        return text.isEmpty() ? null : new DataDirectoryOption(Path.of(text));
      } catch (InvalidPathException malformed) {
        return null;
      }
    }

    @Override
    public String toString() {
      return path == null ? NOWHERE : path.toString();
    }
  }

  private static final long MIB = 1024 * 1024;

  static final Option<DataDirectoryOption> DATA_DIR = new Option<>(
      "store.data-dir",
      "PATH",
      DataDirectoryOption.NONE,
      "a directory, created if missing, or none",
      "directory of the journal and snapshots, from which a restart restores the leases",
      DataDirectoryOption::parse);

  /** The default exceeds the time that a node with default options takes to stop. */
  static final Option<Long> DATA_DIR_WAIT = duration(
      "store.data-dir-wait",
      15_000,
      0,
      600_000,
      "how long startup waits for a data directory in use by another node before it fails");

  static final Option<Long> JOURNAL_SYNC = duration(
      "store.journal-sync",
      1_000,
      0,
      60_000,
      "maximum time between write and fsync of a change; 0 syncs every write");

  static final Option<Long> JOURNAL_FILE_SIZE = size(
      "store.journal-file-size",
      64 * MIB,
      64 * 1024,
      1024 * MIB,
      "size at which the next journal file is started");

  static final Option<Long> JOURNAL_KEEP_SIZE = size(
      "store.journal-keep-size",
      1024 * MIB,
      MIB,
      1024 * 1024 * MIB,
      "maximum bytes of journals and snapshots; the oldest are deleted, except those needed at"
          + " startup");

  static final Option<Long> JOURNAL_KEEP = duration(
      "store.journal-keep",
      7 * 86_400_000L,
      60_000,
      3650 * 86_400_000L,
      "retention of journals and snapshots");

  static final Option<Long> SNAPSHOT_SIZE = size(
      "store.snapshot-size",
      64 * MIB,
      64 * 1024,
      16_384 * MIB,
      "journal bytes after which a snapshot is due; at least the size of the last one");

  static final Option<Long> RESTORE_MAX_AGE = duration(
      "store.restore-max-age",
      86_400_000,
      0,
      3650 * 86_400_000L,
      "maximum age of the persistent state for leases to be restored; 0 means any");

  /** In the order of the documentation. */
  static final List<Option<?>> ALL = List.of(
      DATA_DIR,
      DATA_DIR_WAIT,
      JOURNAL_SYNC,
      JOURNAL_FILE_SIZE,
      JOURNAL_KEEP_SIZE,
      JOURNAL_KEEP,
      SNAPSHOT_SIZE,
      RESTORE_MAX_AGE);

  private StoreOptions() {}
}
