// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What an operator may set about the store.
 *
 * @param directory null for none: the registry is in memory only
 * @param directoryWaitMs how long a start waits for a directory that another node uses
 * @param syncMs how long a change may be written and not yet be safe from a loss of power; 0 for
 *     each batch at once
 * @param journalFileBytesMax a journal that is larger gets a successor
 * @param keepBytesMax bytes of all files; the oldest go first, never what a start needs
 * @param keepMs how long a file is kept, counted from its last change
 * @param snapshotIntervalMs how far apart snapshots are at most, if anything changed
 * @param snapshotBytes journal bytes after which a snapshot is due, or as many as the last one has
 * @param lagChangesMax changes not yet written, above which a snapshot takes their place
 * @param restoreMaxAgeMs how long ago an earlier run may have ended for its leases to be restored;
 *     0 for any time
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
  /** Bytes that bounds derived from {@link #keepBytesMax} have at least. */
  private static final long DERIVED_BYTES_MIN = 64 << 10;

  /*
   * What a start needs can't be dropped: two snapshots, and the journals since the older. It fits
   * what is kept only if snapshots come soon enough, and journals end soon enough to be dropped.
   */

  /** As {@link #snapshotBytes}, but a quarter of what is kept at most. */
  long snapshotBytesMax() {
    return Math.min(snapshotBytes, Math.max(DERIVED_BYTES_MIN, keepBytesMax / 4));
  }

  /** As {@link #journalFileBytesMax}, but an eighth of what is kept at most. */
  long journalBytesMax() {
    return Math.min(journalFileBytesMax, Math.max(DERIVED_BYTES_MIN, keepBytesMax / 8));
  }
}
