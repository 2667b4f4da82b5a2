// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.store.DataDirectory.StoredFile;
import io.systole.server.store.FileHeader.Kind;
import io.systole.server.store.Retention.FileStats;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RetentionTest {
  private static final long FOREVER = Long.MAX_VALUE;

  /** Ten bytes each, modified at ten times their version. */
  private static final List<FileStats> FILES = List.of(
      file(Kind.SNAPSHOT, 1),
      file(Kind.JOURNAL, 2),
      file(Kind.JOURNAL, 3),
      file(Kind.SNAPSHOT, 4),
      file(Kind.JOURNAL, 5),
      file(Kind.SNAPSHOT, 6),
      file(Kind.JOURNAL, 7));

  @Test
  void filesToDelete_allFits_isNone() {
    assertThat(filesToDelete(FILES, 70, FOREVER)).isEmpty();
  }

  @Test
  void filesToDelete_tooLarge_areTheOldestUntilTheRestFits() {
    assertThat(filesToDelete(FILES, 55, FOREVER)).containsExactly("SNAPSHOT 1", "JOURNAL 2");
  }

  @Test
  void filesToDelete_tooOld_areTheOld() {
    assertThat(filesToDelete(FILES, FOREVER, 85)).containsExactly("SNAPSHOT 1");
  }

  @Test
  void filesToDelete_nothingFits_sparesTwoSnapshotsAndTheJournalsSince() {
    // Journal 3 ends where journal 5 begins, and so contains changes after snapshot 4.
    assertThat(filesToDelete(FILES, 0, 0)).containsExactly("SNAPSHOT 1", "JOURNAL 2");
  }

  @Test
  void filesToDelete_noSnapshot_isNone() {
    assertThat(filesToDelete(List.of(file(Kind.JOURNAL, 1), file(Kind.JOURNAL, 2)), 0, 0))
        .isEmpty();
  }

  /** Two unreadable snapshots caused the last readable one to be deleted. */
  @Test
  void filesToDelete_newestSnapshotsUnreadable_sparesTheReadableAndTheJournalsSince() {
    assertThat(filesToDelete(FILES, Set.of(1L, 4L), 0, 0)).isEmpty();
    assertThat(filesToDelete(FILES, Set.of(4L), 0, 0)).isEmpty();
    assertThat(filesToDelete(FILES, Set.of(), 0, 0)).isEmpty();
  }

  private static List<String> filesToDelete(List<FileStats> files, long keepBytes, long keepMs) {
    return filesToDelete(files, Set.of(1L, 4L, 6L), keepBytes, keepMs);
  }

  private static List<String> filesToDelete(
      List<FileStats> files, Set<Long> readable, long keepBytes, long keepMs) {
    return Retention.filesToDelete(files, readable, keepBytes, keepMs, 100).stream()
        .map(file -> file.kind() + " " + file.version())
        .toList();
  }

  private static FileStats file(Kind kind, long version) {
    return new FileStats(new StoredFile(Path.of("any"), kind, version), 10, 10 * version);
  }
}
