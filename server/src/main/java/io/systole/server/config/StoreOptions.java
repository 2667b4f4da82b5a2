// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import static io.systole.server.config.Option.bytes;
import static io.systole.server.config.Option.integer;
import static io.systole.server.config.Option.millis;

import java.util.List;

/** The settings of what a node remembers over a restart; by default nothing. */
final class StoreOptions {
  private static final long MIB = 1024 * 1024;

  static final Option<DataDirectoryOption> DATA_DIR = new Option<>(
      "data-dir",
      "PATH",
      DataDirectoryOption.NONE,
      "a directory, made if need be, or none",
      "where leases and changes are kept over a restart",
      DataDirectoryOption::parse);

  /** The default is longer than a node with default settings takes to stop. */
  static final Option<Long> DATA_DIR_WAIT = millis(
      "data-dir-wait-ms",
      15_000,
      0,
      600_000,
      "how long a start waits for a data directory that another node uses; then it fails");

  static final Option<Long> JOURNAL_SYNC = millis(
      "journal-sync-ms",
      1_000,
      0,
      60_000,
      "how long a change may be written and not be safe from a loss of power; 0 for not at all");

  static final Option<Long> JOURNAL_FILE_BYTES = bytes(
      "journal-file-bytes", 64 * MIB, 64 * 1024, 1024 * MIB, "bytes of one journal; then the next");

  static final Option<Long> JOURNAL_KEEP_BYTES = bytes(
      "journal-keep-bytes",
      1024 * MIB,
      MIB,
      1024 * 1024 * MIB,
      "bytes of all journals and snapshots; the oldest go first, never what a start needs");

  static final Option<Long> JOURNAL_KEEP = millis(
      "journal-keep-ms",
      7 * 86_400_000L,
      60_000,
      3650 * 86_400_000L,
      "how long journals and snapshots are kept");

  static final Option<Integer> JOURNAL_LAG = integer(
      "journal-lag-changes",
      "N",
      100_000,
      1_000,
      10_000_000,
      "changes that may wait to be written; over it a snapshot takes their place");

  static final Option<Long> SNAPSHOT_INTERVAL = millis(
      "snapshot-interval-ms",
      3_600_000,
      1_000,
      86_400_000,
      "how far apart snapshots are at most, if anything changed");

  static final Option<Long> SNAPSHOT_BYTES = bytes(
      "snapshot-bytes",
      64 * MIB,
      64 * 1024,
      16_384 * MIB,
      "journal bytes after which a snapshot is due, or as many as the last one has");

  static final Option<Long> RESTORE_MAX_AGE = millis(
      "restore-max-age-ms",
      86_400_000,
      0,
      3650 * 86_400_000L,
      "how long ago an earlier run may have ended for its leases to be restored; 0 for any time");

  /** In the order in which people read them. */
  static final List<Option<?>> ALL = List.of(
      DATA_DIR,
      DATA_DIR_WAIT,
      JOURNAL_SYNC,
      JOURNAL_FILE_BYTES,
      JOURNAL_KEEP_BYTES,
      JOURNAL_KEEP,
      JOURNAL_LAG,
      SNAPSHOT_INTERVAL,
      SNAPSHOT_BYTES,
      RESTORE_MAX_AGE);

  private StoreOptions() {}
}
