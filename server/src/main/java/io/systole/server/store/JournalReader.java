// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.protocol.model.StringInterner;
import io.systole.server.store.DataDirectory.StoredFile;
import java.io.IOException;
import java.util.List;
import java.util.function.Predicate;

/** A reader of the records of journals, in order. Called by one thread; others help to decode. */
final class JournalReader {
  private final ReadListener listener;
  private final RecordFilter filter;
  private long bytes;
  private boolean isStopped;

  JournalReader(ReadListener listener) {
    this(listener, RecordFilter.ALL);
  }

  /** Creates a reader that decodes only records that pass the filter. */
  JournalReader(ReadListener listener, RecordFilter filter) {
    this.listener = listener;
    this.filter = filter;
  }

  /**
   * Returns the journals that may contain changes after a version.
   *
   * @param journals all journals, in order
   */
  static List<StoredFile> after(long version, List<StoredFile> journals) {
    int first = 0;
    while (first + 1 < journals.size() && journals.get(first + 1).version() <= version) {
      first++;
    }
    return journals.subList(first, journals.size());
  }

  /**
   * Visits all readable records.
   *
   * @param visitor returns false to stop
   * @return whether the visitor received all of them
   */
  boolean read(List<StoredFile> journals, Predicate<JournalEntry> visitor) throws IOException {
    isStopped = false;
    try (OrderedDecoder<RecordDecoder, RecordBatch.Decoded> decoding = new OrderedDecoder<>(
        () -> new RecordDecoder(new StringInterner()), decoded -> visit(decoded, visitor))) {
      for (StoredFile journal : journals) {
        read(journal, decoding);
      }
    }
    return !isStopped;
  }

  private void read(StoredFile journal, OrderedDecoder<RecordDecoder, RecordBatch.Decoded> decoding)
      throws IOException {
    try (FrameReader frames = FrameReader.open(journal.path(), FileHeader.Kind.JOURNAL, listener)) {
      RecordBatch batch = new RecordBatch(journal.name(), frames.headBytes());
      while (!isStopped && frames.next()) {
        bytes += frames.headBytes() + (long) frames.payloadLength();
        if (filter.passes(frames.array(), frames.payloadFrom(), frames.payloadLength())) {
          batch.add(frames);
        }
        if (batch.isFull()) {
          decoding.submit(batch::decode);
          batch = new RecordBatch(journal.name(), frames.headBytes());
        }
      }
      decoding.finish(batch::decode);
    } catch (UnsupportedFormatException newer) {
      throw newer;
    } catch (IOException failure) {
      // The other journals are still read.
      decoding.drain();
      listener.damaged(CorruptRange.unreadable(journal.name(), failure));
    }
  }

  private void visit(RecordBatch.Decoded decoded, Predicate<JournalEntry> visitor) {
    decoded.corruptRanges().forEach(listener::damaged);
    for (JournalEntry entry : decoded.entries()) {
      if (isStopped) {
        return;
      }
      isStopped = !visitor.test(entry);
    }
  }

  /** Returns the bytes of all records read so far. */
  long bytes() {
    return bytes;
  }
}
