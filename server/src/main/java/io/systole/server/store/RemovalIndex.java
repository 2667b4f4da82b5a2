// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.StringInterner;
import io.systole.server.store.DataDirectory.StoredFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An index of the journals by the instances whose removal they hold. Any thread may call; one at a
 * time reads.
 */
final class RemovalIndex {
  /*
   * For each journal a Bloom filter of the keys of its removals, made when it is first needed. A
   * journal never changes but by growing, so each of its bytes is read once for the filter, and
   * again only when the filter does not exclude a key. Neither decodes the documents of changes.
   */

  /** Filters kept, for the newest journals: with their size the bound of what is held in memory. */
  static final int FILTERS_MAX = 256;

  /** 64 KiB a filter: some 50,000 removals at one false hit in a hundred. */
  static final int FILTER_BITS = 1 << 19;

  private static final int HASHES = 4;

  private final Map<String, Filter> filters = new HashMap<>();
  private long bytesRead;

  /** The removals of one journal up to an offset. */
  private static final class Filter {
    private final long[] bits = new long[FILTER_BITS / Long.SIZE];
    private long scannedBytes = FileHeader.BYTES;

    void add(InstanceKey key) {
      long hash = hash(key);
      for (int i = 0; i < HASHES; i++) {
        int bit = bit(hash, i);
        bits[bit / Long.SIZE] |= 1L << bit;
      }
    }

    boolean mayHold(InstanceKey key) {
      long hash = hash(key);
      for (int i = 0; i < HASHES; i++) {
        int bit = bit(hash, i);
        if ((bits[bit / Long.SIZE] & 1L << bit) == 0) {
          return false;
        }
      }
      return true;
    }

    private static int bit(long hash, int i) {
      return (int) (hash + i * (hash >>> Integer.SIZE | 1)) & FILTER_BITS - 1;
    }

    private static long hash(InstanceKey key) {
      long both = (long) key.app().hashCode() << Integer.SIZE ^ key.id().hashCode();
      both = (both ^ both >>> 33) * 0xff51afd7ed558ccdL;
      return both ^ both >>> 33;
    }
  }

  /**
   * The last removal of an instance in the journals; null when they hold none. Reads the journals
   * that may hold it, the newest first, and what was written since the last call.
   */
  synchronized @Nullable Removal last(DataDirectory directory, InstanceKey key) throws IOException {
    List<StoredFile> journals = directory.journals();
    Set<String> names = journals.stream().map(StoredFile::name).collect(Collectors.toSet());
    filters.keySet().retainAll(names);
    for (int i = journals.size() - 1; i >= 0; i--) {
      StoredFile journal = journals.get(i);
      boolean isIndexed = journals.size() - i <= FILTERS_MAX;
      if (!isIndexed || mayHold(journal, key)) {
        Removal found = lastIn(journal, key);
        if (found != null) {
          return found;
        }
      }
    }
    return null;
  }

  private boolean mayHold(StoredFile journal, InstanceKey key) throws IOException {
    Filter filter = filters.computeIfAbsent(journal.name(), any -> new Filter());
    try {
      if (Files.size(journal.path()) > filter.scannedBytes) {
        extend(filter, journal);
      }
      return filter.mayHold(key);
    } catch (NoSuchFileException dropped) {
      return false;
    }
  }

  private void extend(Filter filter, StoredFile journal) throws IOException {
    RecordDecoder cursor = new RecordDecoder(new StringInterner());
    try (FrameReader frames =
        FrameReader.open(journal.path(), FileHeader.Kind.JOURNAL, ignored -> {})) {
      frames.seek(filter.scannedBytes);
      while (frames.next()) {
        bytesRead += frames.payloadLength();
        filter.scannedBytes = frames.frameOffset() + frames.headBytes() + frames.payloadLength();
        try {
          cursor.over(frames.array(), frames.payloadFrom(), frames.payloadLength());
          if (JournalEntrySerializer.isRemoval(frames.array(), frames.payloadFrom())
              && JournalEntrySerializer.take(cursor) instanceof JournalEntry.Changed removed) {
            filter.add(removed.key());
          }
        } catch (CorruptRecordException bad) {
          // Reported when a start or a check reads it.
        }
      }
    }
  }

  private @Nullable Removal lastIn(StoredFile journal, InstanceKey key) throws IOException {
    Removal[] last = new Removal[1];
    JournalReader reader = new JournalReader(ignored -> {}, RecordFilter.removalsOf(key));
    boolean unusedSawAll = reader.read(List.of(journal), entry -> {
      if (entry instanceof JournalEntry.Changed changed
          && changed.document() == null
          && changed.key().equals(key)) {
        last[0] = new Removal(changed.version(), changed.atMs(), changed.cause(), changed.origin());
      }
      return true;
    });
    bytesRead += reader.bytes();
    return last[0];
  }

  /** Bytes of records read so far. */
  synchronized long bytesRead() {
    return bytesRead;
  }
}
