// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.store.DataDirectory.StoredFile;
import io.systole.server.store.FileHeader.Kind;
import io.systole.server.store.Retention.Measured;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RetentionTest {
  private static final long FOREVER = Long.MAX_VALUE;

  /** Ten bytes each, changed at ten times their version. */
  private static final List<Measured> FILES = List.of(
      file(Kind.SNAPSHOT, 1),
      file(Kind.JOURNAL, 2),
      file(Kind.JOURNAL, 3),
      file(Kind.SNAPSHOT, 4),
      file(Kind.JOURNAL, 5),
      file(Kind.SNAPSHOT, 6),
      file(Kind.JOURNAL, 7));

  @Test
  void doomed_allFits_isNone() {
    assertThat(doomed(FILES, 70, FOREVER)).isEmpty();
  }

  @Test
  void doomed_tooLarge_areTheOldestUntilTheRestFits() {
    assertThat(doomed(FILES, 55, FOREVER)).containsExactly("SNAPSHOT 1", "JOURNAL 2");
  }

  @Test
  void doomed_tooOld_areTheOld() {
    assertThat(doomed(FILES, FOREVER, 85)).containsExactly("SNAPSHOT 1");
  }

  @Test
  void doomed_nothingFits_sparesTwoSnapshotsAndTheJournalsSince() {
    // Journal 3 goes on until 5 begins, and so has what follows snapshot 4.
    assertThat(doomed(FILES, 0, 0)).containsExactly("SNAPSHOT 1", "JOURNAL 2");
  }

  @Test
  void doomed_noSnapshot_isNone() {
    assertThat(doomed(List.of(file(Kind.JOURNAL, 1), file(Kind.JOURNAL, 2)), 0, 0))
        .isEmpty();
  }

  /** Two unreadable snapshots would have taken the last readable state with them. */
  @Test
  void doomed_newestSnapshotsUnreadable_sparesTheReadableAndTheJournalsSince() {
    assertThat(doomed(FILES, Set.of(1L, 4L), 0, 0)).isEmpty();
    assertThat(doomed(FILES, Set.of(4L), 0, 0)).isEmpty();
    assertThat(doomed(FILES, Set.of(), 0, 0)).isEmpty();
  }

  private static List<String> doomed(List<Measured> files, long keepBytes, long keepMs) {
    return doomed(files, Set.of(1L, 4L, 6L), keepBytes, keepMs);
  }

  private static List<String> doomed(
      List<Measured> files, Set<Long> readable, long keepBytes, long keepMs) {
    return Retention.doomed(files, readable, keepBytes, keepMs, 100).stream()
        .map(file -> file.kind() + " " + file.version())
        .toList();
  }

  private static Measured file(Kind kind, long version) {
    return new Measured(new StoredFile(Path.of("any"), kind, version), 10, 10 * version);
  }
}
