// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.StringInterner;
import io.systole.server.record.CorruptRecordException;
import io.systole.server.record.RecordDecoder;
import io.systole.server.store.DataDirectory.StoredFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
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

  /** A filter of encoded records. Thread-safe. */
  interface RecordFilter {
    /** Accepts all records. */
    RecordFilter ALL = (bytes, from, length) -> true;

    /** Returns whether the record may match; a match is confirmed after decoding. */
    boolean passes(byte[] bytes, int from, int length);

    /** Returns a filter of records that may concern an instance, by the bytes of its id. */
    static RecordFilter of(InstanceKey key) {
      byte[] id = key.id().getBytes(StandardCharsets.UTF_8);
      return (bytes, from, length) -> contains(bytes, from, from + length, id);
    }

    /** Returns a filter of records that may be removals of an instance. */
    static RecordFilter removalsOf(InstanceKey key) {
      RecordFilter ofKey = of(key);
      return (bytes, from, length) ->
          JournalEntrySerializer.isRemoval(bytes, from) && ofKey.passes(bytes, from, length);
    }

    private static boolean contains(byte[] bytes, int from, int to, byte[] pattern) {
      for (int at = from; at <= to - pattern.length; at++) {
        int matched = 0;
        while (matched < pattern.length && bytes[at + matched] == pattern[matched]) {
          matched++;
        }
        if (matched == pattern.length) {
          return true;
        }
      }
      return false;
    }
  }

  /** A batch of records of one journal, copied from the reader to be decoded on any thread. */
  private static final class RecordBatch {
    /**
     * A decoded batch.
     *
     * @param corruptRanges records with a valid checksum but malformed content
     */
    record Decoded(List<JournalEntry> entries, List<CorruptRange> corruptRanges) {}

    /** Size at which a batch is full. */
    private static final int FULL_BYTES = 256 * 1024;

    private final String file;
    private final int headBytes;
    private byte[] bytes = new byte[FULL_BYTES];
    private int size;
    private int count;
    private int[] lengths = new int[FULL_BYTES / 256];
    private long[] offsets = new long[FULL_BYTES / 256];

    RecordBatch(String file, int headBytes) {
      this.file = file;
      this.headBytes = headBytes;
    }

    /** Adds the current record of the reader. */
    void add(FrameReader frames) {
      int length = frames.payloadLength();
      if (size + length > bytes.length) {
        bytes = Arrays.copyOf(bytes, size + length);
      }
      if (count == lengths.length) {
        lengths = Arrays.copyOf(lengths, 2 * count);
        offsets = Arrays.copyOf(offsets, 2 * count);
      }
      System.arraycopy(frames.array(), frames.payloadFrom(), bytes, size, length);
      size += length;
      lengths[count] = length;
      offsets[count++] = frames.frameOffset();
    }

    boolean isFull() {
      return size >= FULL_BYTES;
    }

    Decoded decode(RecordDecoder cursor) {
      List<JournalEntry> entries = new ArrayList<>(count);
      List<CorruptRange> corruptRanges = new ArrayList<>();
      int at = 0;
      for (int i = 0; i < count; i++) {
        try {
          entries.add(JournalEntrySerializer.read(cursor.wrap(bytes, at, lengths[i])));
        } catch (CorruptRecordException | RuntimeException bad) {
          String reason = String.valueOf(bad.getMessage());
          corruptRanges.add(
              new CorruptRange(file, offsets[i], headBytes + (long) lengths[i], reason, false));
        }
        at += lengths[i];
      }
      return new Decoded(entries, corruptRanges);
    }
  }
}
