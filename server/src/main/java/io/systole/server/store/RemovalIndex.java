// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.StringInterner;
import io.systole.server.record.CorruptRecordException;
import io.systole.server.record.RecordDecoder;
import io.systole.server.store.DataDirectory.StoredFile;
import io.systole.server.store.JournalReader.RecordFilter;
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
 * An index of journals by the instances whose removals they contain. Thread-safe; one thread at a
 * time reads.
 */
final class RemovalIndex {
  /*
   * One Bloom filter per journal, of the keys of its removals, built on first use. Journals are
   * append-only, so each byte is read once for the filter, and again only if the filter doesn't
   * exclude a key. Documents of changes are never decoded.
   */

  /** Limit on filters, for the newest journals; with their size it bounds memory. */
  static final int FILTERS_MAX = 256;

  /** 64 KiB per filter: some 50,000 removals at a false positive rate of 1 %. */
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
   * Returns the last removal of an instance in the journals; null if they contain none. Reads the
   * bytes appended since the last call, and the journals that may contain the key, newest first.
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
          cursor.wrap(frames.array(), frames.payloadFrom(), frames.payloadLength());
          if (JournalEntrySerializer.isRemoval(frames.array(), frames.payloadFrom())
              && JournalEntrySerializer.read(cursor) instanceof JournalEntry.Changed removed) {
            filter.add(removed.key());
          }
        } catch (CorruptRecordException bad) {
          // Reported by recovery and by verification.
        }
      }
    }
  }

  private @Nullable Removal lastIn(StoredFile journal, InstanceKey key) throws IOException {
    Removal[] last = new Removal[1];
    JournalReader reader = new JournalReader(ignored -> {}, RecordFilter.removalsOf(key));
    boolean unused = reader.read(List.of(journal), entry -> {
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

  /** Returns the bytes of records read so far. */
  synchronized long bytesRead() {
    return bytesRead;
  }
}
