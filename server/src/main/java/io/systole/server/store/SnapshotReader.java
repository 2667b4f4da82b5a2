// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.protocol.model.StringInterner;
import io.systole.server.registry.PersistedLease;
import io.systole.server.store.DataDirectory.StoredFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads the leases of a snapshot. For one thread, which others help decode. */
final class SnapshotReader {
  /**
   * What a snapshot says of itself.
   *
   * @param isWhole whether every lease could be read
   * @param version the change before the first that it may lack
   * @param endVersion the last change that it may tell of
   * @param endMs wall clock of {@code endVersion}
   * @param plainBytes of its leases before they were packed
   */
  record Summary(boolean isWhole, long version, long endVersion, long endMs, long plainBytes) {}

  /** What the payload of the last frame states. */
  private record End(long leases, long version, long atMs) {}

  /** A decoded block; a flaw when it can't be decoded. */
  private record Block(
      List<PersistedLease> leases, @Nullable CorruptRange corruptRange) {}

  private final ReadListener listener;
  private final long plainBytesMax;
  private final RecordDecoder cursor = new RecordDecoder(new StringInterner());
  private boolean isDamaged;
  private long leases;
  private long plainBytes;

  /**
   * @param plainBytesMax of all leases unpacked; what is above is refused, for packed bytes may
   *     stand for a thousand times as many
   */
  SnapshotReader(ReadListener listener, long plainBytesMax) {
    this.listener = listener;
    this.plainBytesMax = plainBytesMax;
  }

  /** A reader of all that the heap could hold. */
  SnapshotReader(ReadListener listener) {
    this(listener, Runtime.getRuntime().maxMemory());
  }

  /** Adds the leases of a file that can be read. */
  Summary read(StoredFile file, PersistedLeases into) throws IOException {
    isDamaged = false;
    leases = 0;
    plainBytes = 0;
    List<BlockDecoder> decoders = new ArrayList<>();
    try (FrameReader frames = FrameReader.open(file.path(), FileHeader.Kind.SNAPSHOT, noting());
        OrderedDecoder<BlockDecoder, Block> decoding =
            new OrderedDecoder<>(() -> decoder(decoders), block -> take(block, into))) {
      End end = readFrames(frames, decoding);
      if (!isDamaged && (end == null || end.leases != leases)) {
        damaged(new CorruptRange(file.name(), 0, 0, "leases or the end are missing", false));
      }
      return end == null
          ? new Summary(false, file.version(), 0, 0, 0)
          : new Summary(!isDamaged, file.version(), end.version, end.atMs, plainBytes);
    } catch (UnsupportedFormatException newer) {
      throw newer;
    } catch (IOException failure) {
      listener.damaged(CorruptRange.unreadable(file.name(), failure));
      return new Summary(false, file.version(), 0, 0, 0);
    } finally {
      synchronized (decoders) {
        decoders.forEach(BlockDecoder::end);
      }
    }
  }

  private static BlockDecoder decoder(List<BlockDecoder> decoders) {
    BlockDecoder fresh = new BlockDecoder();
    synchronized (decoders) {
      decoders.add(fresh);
    }
    return fresh;
  }

  private @Nullable End readFrames(FrameReader frames, OrderedDecoder<BlockDecoder, Block> decoding)
      throws IOException {
    End end = null;
    while (frames.next()) {
      try {
        cursor.over(frames.array(), frames.payloadFrom(), frames.payloadLength());
        if (cursor.takeByte() == SnapshotWriter.BLOCK) {
          decoding.submit(block(frames));
        } else {
          end = new End(cursor.takeNumber(), cursor.takeVersion(), cursor.takeNumber());
        }
      } catch (CorruptRecordException bad) {
        damaged(frames.corruptRange(bad));
      }
    }
    decoding.drain();
    return end;
  }

  /** Copies the block that the reader stands at. */
  private Function<BlockDecoder, Block> block(FrameReader frames) throws CorruptRecordException {
    long stated = cursor.takeNumber();
    long size = cursor.takeNumber();
    if (size < 0 || size > FrameLayout.PAYLOAD_BYTES_MAX) {
      throw new CorruptRecordException(
          "a block of " + size + " bytes is over the bound of " + FrameLayout.PAYLOAD_BYTES_MAX);
    }
    plainBytes += size;
    if (plainBytes > plainBytesMax) {
      throw new CorruptRecordException(
          "with this block there are " + plainBytes + " bytes of leases, over " + plainBytesMax);
    }
    byte[] packed = Arrays.copyOfRange(
        frames.array(), cursor.position(), frames.payloadFrom() + frames.payloadLength());
    CorruptRange corruptRange =
        frames.corruptRange(new CorruptRecordException("the block can't be decoded"));
    return decoder -> {
      try {
        return new Block(decoder.decode(stated, (int) size, packed), null);
      } catch (CorruptRecordException | RuntimeException bad) {
        return new Block(List.of(), corruptRange.because(String.valueOf(bad.getMessage())));
      }
    };
  }

  private void take(Block block, PersistedLeases into) {
    if (block.corruptRange != null) {
      damaged(block.corruptRange);
    }
    leases += block.leases.size();
    block.leases.forEach(into::put);
  }

  private ReadListener noting() {
    return new ReadListener() {
      @Override
      public void damaged(CorruptRange corruptRange) {
        SnapshotReader.this.damaged(corruptRange);
      }

      @Override
      public void advanced(String file, long bytes, long bytesAll) {
        listener.advanced(file, bytes, bytesAll);
      }
    };
  }

  private void damaged(CorruptRange corruptRange) {
    isDamaged = true;
    listener.damaged(corruptRange);
  }
}
