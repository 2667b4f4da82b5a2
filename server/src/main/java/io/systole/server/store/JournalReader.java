// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.server.store.DataDirectory.StoredFile;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Reads the records of journals in their order. For one thread. */
final class JournalReader {
  private final RecordCursor cursor;
  private final Consumer<Flaw> flaws;
  private long bytes;

  JournalReader(SeenTexts seen, Consumer<Flaw> flaws) {
    this.cursor = new RecordCursor(seen);
    this.flaws = flaws;
  }

  /** The journals that may tell what follows a version; all of them are in their order. */
  static List<StoredFile> after(long version, List<StoredFile> journals) {
    int first = 0;
    while (first + 1 < journals.size() && journals.get(first + 1).version() <= version) {
      first++;
    }
    return journals.subList(first, journals.size());
  }

  /**
   * Visits every record that can be read.
   *
   * @param visitor false to stop
   * @return whether the visitor saw all
   */
  boolean read(List<StoredFile> journals, Predicate<JournalEntry> visitor) throws IOException {
    for (StoredFile journal : journals) {
      if (!read(journal, visitor)) {
        return false;
      }
    }
    return true;
  }

  private boolean read(StoredFile journal, Predicate<JournalEntry> visitor) throws IOException {
    try (FrameReader frames = FrameReader.open(journal.path(), FileHeader.Kind.JOURNAL, flaws)) {
      while (frames.next()) {
        bytes += RecordBuffer.FRAME_HEAD_BYTES + (long) frames.payloadLength();
        try {
          JournalEntry entry = EntryLayout.take(
              cursor.over(frames.array(), frames.payloadFrom(), frames.payloadLength()));
          if (!visitor.test(entry)) {
            return false;
          }
        } catch (BadRecord bad) {
          frames.reject(bad);
        }
      }
      return true;
    } catch (NewerFormat newer) {
      throw newer;
    } catch (IOException failure) {
      // The others are read all the same.
      flaws.accept(Flaw.unreadable(journal.name(), failure));
      return true;
    }
  }

  /** Bytes of all records read so far. */
  long bytes() {
    return bytes;
  }
}
