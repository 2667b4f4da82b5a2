// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Settings of the store.
 *
 * @param directory null to keep the registry in memory only
 * @param directoryWaitMs time that startup waits for a directory that another node uses
 * @param syncMs maximum age of a written but unsynced change; 0 to sync each batch at once
 * @param journalFileBytesMax size at which the next journal is started
 * @param keepBytesMax limit on the size of all files; the oldest are deleted first, never those
 *     needed for recovery
 * @param keepMs time a file is kept, counted from its last modification
 * @param snapshotIntervalMs maximum interval between snapshots if anything changed
 * @param snapshotBytes journal bytes after which a snapshot is due, unless the last snapshot is
 *     larger
 * @param lagChangesMax unwritten changes above which a snapshot replaces them
 * @param restoreMaxAgeMs maximum time since the end of the earlier run for its leases to be
 *     restored; 0 for no limit
 */
public record StoreSettings(
    @Nullable Path directory,
    long directoryWaitMs,
    long syncMs,
    long journalFileBytesMax,
    long keepBytesMax,
    long keepMs,
    long snapshotIntervalMs,
    long snapshotBytes,
    int lagChangesMax,
    long restoreMaxAgeMs) {
  /** Minimum of the limits derived from {@link #keepBytesMax}. */
  private static final long DERIVED_BYTES_MIN = 64 << 10;

  /*
   * Files needed for recovery can't be deleted: two snapshots, and the journals since the older
   * one. They fit the limit only if snapshots are frequent enough and journals small enough.
   */

  /** Returns {@link #snapshotBytes}, limited to a quarter of {@link #keepBytesMax}. */
  long snapshotBytesMax() {
    return Math.min(snapshotBytes, Math.max(DERIVED_BYTES_MIN, keepBytesMax / 4));
  }

  /** Returns {@link #journalFileBytesMax}, limited to an eighth of {@link #keepBytesMax}. */
  long journalBytesMax() {
    return Math.min(journalFileBytesMax, Math.max(DERIVED_BYTES_MIN, keepBytesMax / 8));
  }
}
