// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.StringInterner;
import io.systole.server.record.CorruptRecordException;
import io.systole.server.record.InstanceSerializer;
import io.systole.server.record.RecordDecoder;
import io.systole.server.registry.PersistedLease;
import io.systole.server.store.DataDirectory.StoredFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/** A reader of the leases of a snapshot. Called by one thread; others help to decode. */
final class SnapshotReader {
  /**
   * A summary of a snapshot.
   *
   * @param isWhole whether all leases could be read
   * @param version up to which the snapshot contains all changes
   * @param endVersion of the last change that any lease may contain
   * @param endMs wall clock time of {@code endVersion}
   * @param plainBytes size of the leases before compression
   */
  record Summary(boolean isWhole, long version, long endVersion, long endMs, long plainBytes) {}

  /** The payload of the last frame. */
  private record End(long leases, long version, long atMs) {}

  /** A decoded block, or the range of one that can't be decoded. */
  private record Block(
      List<PersistedLease> leases, @Nullable CorruptRange corruptRange) {}

  private final ReadListener listener;
  private final long plainBytesMax;
  private final RecordDecoder cursor = new RecordDecoder(new StringInterner());
  private boolean isDamaged;
  private long leases;
  private long plainBytes;

  /**
   * Creates a reader.
   *
   * @param plainBytesMax limit on the inflated size of all leases, since deflated bytes may expand
   *     a thousandfold
   */
  SnapshotReader(ReadListener listener, long plainBytesMax) {
    this.listener = listener;
    this.plainBytesMax = plainBytesMax;
  }

  /** Creates a reader limited by the maximum heap size. */
  SnapshotReader(ReadListener listener) {
    this(listener, Runtime.getRuntime().maxMemory());
  }

  /** Adds the readable leases of a file to {@code into}. */
  Summary read(StoredFile file, PersistedLeases into) throws IOException {
    isDamaged = false;
    leases = 0;
    plainBytes = 0;
    List<BlockDecoder> decoders = new ArrayList<>();
    try (FrameReader frames =
            FrameReader.open(file.path(), FileHeader.Kind.SNAPSHOT, damageListener());
        OrderedDecoder<BlockDecoder, Block> decoding =
            new OrderedDecoder<>(() -> decoder(decoders), block -> accept(block, into))) {
      End end = readFrames(frames, decoding);
      if (!isDamaged && (end == null || end.leases != leases)) {
        damaged(new CorruptRange(file.name(), 0, 0, "leases or the end record are missing", false));
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
    BlockDecoder decoder = new BlockDecoder();
    synchronized (decoders) {
      decoders.add(decoder);
    }
    return decoder;
  }

  private @Nullable End readFrames(FrameReader frames, OrderedDecoder<BlockDecoder, Block> decoding)
      throws IOException {
    End end = null;
    while (frames.next()) {
      try {
        cursor.wrap(frames.array(), frames.payloadFrom(), frames.payloadLength());
        if (cursor.readByte() == SnapshotWriter.BLOCK) {
          decoding.submit(block(frames));
        } else {
          end = new End(cursor.readVarint(), cursor.readVersion(), cursor.readVarint());
        }
      } catch (CorruptRecordException bad) {
        damaged(frames.corruptRange(bad));
      }
    }
    decoding.drain();
    return end;
  }

  /** Copies the current block of the reader, to be decoded on any thread. */
  private Function<BlockDecoder, Block> block(FrameReader frames) throws CorruptRecordException {
    long leaseCount = cursor.readVarint();
    long size = cursor.readVarint();
    if (size < 0 || size > FrameLayout.PAYLOAD_BYTES_MAX) {
      throw new CorruptRecordException(
          "block of " + size + " bytes exceeds the limit of " + FrameLayout.PAYLOAD_BYTES_MAX);
    }
    plainBytes += size;
    if (plainBytes > plainBytesMax) {
      throw new CorruptRecordException(
          "leases up to this block take " + plainBytes + " bytes, limit " + plainBytesMax);
    }
    byte[] deflated = Arrays.copyOfRange(
        frames.array(), cursor.position(), frames.payloadFrom() + frames.payloadLength());
    CorruptRange corruptRange =
        frames.corruptRange(new CorruptRecordException("block can't be decoded"));
    return decoder -> {
      try {
        return new Block(decoder.decode(leaseCount, (int) size, deflated), null);
      } catch (CorruptRecordException | RuntimeException bad) {
        return new Block(List.of(), corruptRange.withReason(String.valueOf(bad.getMessage())));
      }
    };
  }

  private void accept(Block block, PersistedLeases into) {
    if (block.corruptRange != null) {
      damaged(block.corruptRange);
    }
    leases += block.leases.size();
    block.leases.forEach(into::put);
  }

  private ReadListener damageListener() {
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

  /** A decoder of snapshot blocks. Used by one thread at a time. */
  private static final class BlockDecoder {
    private final RecordDecoder block = new RecordDecoder(new StringInterner());
    private final Inflater inflater = new Inflater(true);

    /** Output of the inflater, grown to the largest block so far. */
    private byte[] plain = {};

    /**
     * Decodes a block.
     *
     * @param leases number of leases that the block claims to hold
     * @param size inflated size, bytes
     * @param deflated the deflated block
     */
    List<PersistedLease> decode(long leases, int size, byte[] deflated)
        throws CorruptRecordException {
      if (plain.length < size) {
        plain = new byte[size];
      }
      inflater.reset();
      inflater.setInput(deflated);
      try {
        int inflated = inflater.inflate(plain, 0, size);
        if (inflated != size) {
          throw new CorruptRecordException(
              "block inflates to " + inflated + " bytes instead of " + size);
        }
      } catch (DataFormatException malformed) {
        throw new CorruptRecordException("block can't be inflated: " + malformed.getMessage());
      }
      block.wrap(plain, 0, size);
      List<PersistedLease> decoded = new ArrayList<>();
      for (long i = 0; i < leases; i++) {
        InstanceStatus override = InstanceSerializer.readStatus(block);
        InstanceInfo instance = InstanceSerializer.read(block);
        JournalEntrySerializer.checkKey(instance.app(), instance.id());
        decoded.add(new PersistedLease(instance, override));
      }
      return decoded;
    }

    void end() {
      inflater.end();
    }
  }
}
