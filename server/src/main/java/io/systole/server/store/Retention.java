// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.server.store.DataDirectory.StoredFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Says which files may go. */
final class Retention {
  /** How many snapshots a start can begin with: the newest, and another should that be damaged. */
  static final int SNAPSHOTS_MIN = 2;

  /**
   * A file and its measures.
   *
   * @param changedMs when it was written to last, epoch ms
   */
  record Measured(StoredFile file, long bytes, long changedMs) {}

  private Retention() {}

  /**
   * The files that go, the oldest first: those changed too long ago, and as many as make the rest
   * fit. What a start needs stays, whatever it takes: the newest readable snapshots, and the
   * journals since.
   *
   * @param files all of them, in their order
   * @param readable versions of the snapshots that are known to be readable; others may be damaged
   */
  static List<StoredFile> doomed(
      List<Measured> files, Set<Long> readable, long keepBytes, long keepMs, long nowMs) {
    long neededFrom = neededFrom(files, readable);
    long bytes = files.stream().mapToLong(Measured::bytes).sum();
    List<StoredFile> doomed = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      Measured measured = files.get(i);
      boolean isTooOld = nowMs - measured.changedMs() > keepMs;
      if (!isNeeded(files, i, neededFrom) && (isTooOld || bytes > keepBytes)) {
        doomed.add(measured.file());
        bytes -= measured.bytes();
      }
    }
    return doomed;
  }

  /**
   * The version of the oldest snapshot that a start may begin with: while too few are known to be
   * readable, any may be needed.
   */
  private static long neededFrom(List<Measured> files, Set<Long> readable) {
    List<Long> versions = files.stream()
        .filter(measured -> measured.file().kind() == FileHeader.Kind.SNAPSHOT)
        .map(measured -> measured.file().version())
        .filter(readable::contains)
        .toList();
    return versions.size() < SNAPSHOTS_MIN ? 0 : versions.get(versions.size() - SNAPSHOTS_MIN);
  }

  private static boolean isNeeded(List<Measured> files, int index, long neededFrom) {
    StoredFile file = files.get(index).file();
    if (file.version() >= neededFrom) {
      return true;
    }
    return file.kind() == FileHeader.Kind.JOURNAL
        && files.stream()
            .skip(index + 1L)
            .map(Measured::file)
            .filter(later -> later.kind() == FileHeader.Kind.JOURNAL)
            .findFirst()
            .map(next -> next.version() > neededFrom)
            .orElse(true);
  }
}
