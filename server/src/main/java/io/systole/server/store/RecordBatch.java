// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A batch of records of one journal, copied from the reader to be decoded on any thread. */
final class RecordBatch {
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
        entries.add(JournalEntrySerializer.read(cursor.over(bytes, at, lengths[i])));
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
