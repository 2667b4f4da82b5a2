// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.registry.Holding;
import io.systole.server.store.DataDirectory.StoredFile;
import java.io.IOException;
import java.util.Map;
import java.util.function.Consumer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Reads the leases of a snapshot. For one thread. */
final class SnapshotReader {
  /**
   * What a snapshot says of itself.
   *
   * @param isWhole whether every lease could be read
   * @param version the change before the first that it may lack
   * @param endVersion the last change that it may tell of
   * @param endMs wall clock of {@code endVersion}
   */
  record Summary(boolean isWhole, long version, long endVersion, long endMs) {}

  private final SeenTexts seen;
  private final RecordCursor frame;
  private final RecordCursor block;

  /** Packed blocks are unpacked here. */
  private byte[] plain = {};

  SnapshotReader(SeenTexts seen) {
    this.seen = seen;
    this.frame = new RecordCursor(this.seen);
    this.block = new RecordCursor(this.seen);
  }

  /** Adds the leases of a file that can be read. */
  Summary read(StoredFile file, Map<InstanceKey, Holding> into, Consumer<Flaw> flaws)
      throws IOException {
    boolean[] isDamaged = new boolean[1];
    Consumer<Flaw> noted = flaw -> {
      isDamaged[0] = true;
      flaws.accept(flaw);
    };
    Inflater inflater = new Inflater(true);
    try (FrameReader frames = FrameReader.open(file.path(), FileHeader.Kind.SNAPSHOT, noted)) {
      long leases = 0;
      Summary summary = new Summary(false, file.version(), 0, 0);
      while (frames.next()) {
        try {
          frame.over(frames.array(), frames.payloadFrom(), frames.payloadLength());
          if (frame.takeByte() == SnapshotWriter.BLOCK) {
            leases += readBlock(frames, inflater, into);
          } else {
            boolean isWhole = frame.takeNumber() == leases && !isDamaged[0];
            summary = new Summary(isWhole, file.version(), frame.takeNumber(), frame.takeNumber());
          }
        } catch (BadRecord bad) {
          frames.reject(bad);
        }
      }
      if (!summary.isWhole && !isDamaged[0]) {
        flaws.accept(new Flaw(file.name(), 0, 0, "leases or the end are missing", true));
      }
      return isDamaged[0]
          ? new Summary(false, summary.version, summary.endVersion, summary.endMs)
          : summary;
    } catch (NewerFormat newer) {
      throw newer;
    } catch (IOException failure) {
      flaws.accept(Flaw.unreadable(file.name(), failure));
      return new Summary(false, file.version(), 0, 0);
    } finally {
      inflater.end();
    }
  }

  private long readBlock(FrameReader frames, Inflater inflater, Map<InstanceKey, Holding> into)
      throws BadRecord {
    long leases = frame.takeNumber();
    long size = frame.takeNumber();
    if (size < 0 || size > FrameReader.PAYLOAD_BYTES_MAX) {
      throw new BadRecord("a block of " + size + " bytes");
    }
    if (plain.length < size) {
      plain = new byte[(int) size];
    }
    int from = frame.position();
    int packed = frames.payloadFrom() + frames.payloadLength() - from;
    inflater.reset();
    inflater.setInput(frames.array(), from, packed);
    try {
      int unpacked = inflater.inflate(plain, 0, (int) size);
      if (unpacked != size) {
        throw new BadRecord("a block of " + unpacked + " bytes where " + size + " must be");
      }
    } catch (DataFormatException malformed) {
      throw new BadRecord("a block that can't be unpacked: " + malformed.getMessage());
    }
    block.over(plain, 0, (int) size);
    for (long i = 0; i < leases; i++) {
      InstanceStatus override = DocumentLayout.takeStatus(block);
      InstanceInfo instance = DocumentLayout.take(block);
      into.put(EntryLayout.keyOf(instance.app(), instance.id()), new Holding(instance, override));
    }
    return leases;
  }
}
