// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.server.store.DataDirectory.StoredFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The retention policy of journals and snapshots. */
final class Retention {
  /** Snapshots kept for recovery: the newest, and another in case it is damaged. */
  static final int SNAPSHOTS_MIN = 2;

  /**
   * A file with its size and age.
   *
   * @param changedMs last modification time, epoch ms
   */
  record FileStats(StoredFile file, long bytes, long changedMs) {}

  private Retention() {}

  /**
   * Returns the files to delete, oldest first: those not modified for longer than {@code keepMs},
   * and as many as needed to fit into {@code keepBytes}. Files needed for recovery are kept
   * regardless: the newest readable snapshots, and the journals since.
   *
   * @param files all files, in order
   * @param readable versions of the snapshots known to be readable; others may be damaged
   */
  static List<StoredFile> filesToDelete(
      List<FileStats> files, Set<Long> readable, long keepBytes, long keepMs, long nowMs) {
    long neededFrom = neededFrom(files, readable);
    long bytes = files.stream().mapToLong(FileStats::bytes).sum();
    List<StoredFile> filesToDelete = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      FileStats measured = files.get(i);
      boolean isTooOld = nowMs - measured.changedMs() > keepMs;
      if (!isNeeded(files, i, neededFrom) && (isTooOld || bytes > keepBytes)) {
        filesToDelete.add(measured.file());
        bytes -= measured.bytes();
      }
    }
    return filesToDelete;
  }

  /**
   * Returns the version of the oldest snapshot that recovery may need; 0 while too few are known to
   * be readable, as any may be needed then.
   */
  private static long neededFrom(List<FileStats> files, Set<Long> readable) {
    List<Long> versions = files.stream()
        .filter(measured -> measured.file().kind() == FileHeader.Kind.SNAPSHOT)
        .map(measured -> measured.file().version())
        .filter(readable::contains)
        .toList();
    return versions.size() < SNAPSHOTS_MIN ? 0 : versions.get(versions.size() - SNAPSHOTS_MIN);
  }

  private static boolean isNeeded(List<FileStats> files, int index, long neededFrom) {
    StoredFile file = files.get(index).file();
    if (file.version() >= neededFrom) {
      return true;
    }
    return file.kind() == FileHeader.Kind.JOURNAL
        && files.stream()
            .skip(index + 1L)
            .map(FileStats::file)
            .filter(later -> later.kind() == FileHeader.Kind.JOURNAL)
            .findFirst()
            .map(next -> next.version() > neededFrom)
            .orElse(true);
  }
}
