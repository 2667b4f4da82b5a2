// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.server.registry.PersistedLease;
import java.io.IOException;
import java.util.Arrays;
import java.util.zip.Deflater;

/** Writes the leases of a registry to a file, block by block. For one thread. */
final class SnapshotWriter implements AutoCloseable {
  /** Kinds of payload. */
  static final int BLOCK = 1;

  static final int END = 2;

  /** Plain bytes after which a block is packed; a lease of as many has a block of its own. */
  static final int BLOCK_BYTES = 64 * 1024;

  private final Storage.Output output;
  private final FileHeader header;
  private final StoreCounters counts;
  private final RecordEncoder lease = new RecordEncoder();
  private final RecordEncoder block = new RecordEncoder();
  private final RecordEncoder frame = new RecordEncoder();
  private final Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
  private byte[] packed = new byte[BLOCK_BYTES];
  private long blockLeases;
  private long leases;
  private long omitted;
  private long plainBytes;
  private long bytes;

  SnapshotWriter(Storage.Output output, FileHeader header, StoreCounters counts)
      throws IOException {
    this.output = output;
    this.header = header;
    this.counts = counts;
    byte[] head = header.encode();
    output.write(head, 0, head.length);
    bytes = head.length;
  }

  /** Adds a lease, unless it is over {@link FrameLayout#RECORD_BYTES_MAX}. */
  void add(PersistedLease holding) throws IOException {
    lease.clear();
    InstanceSerializer.putStatus(holding.override(), lease);
    InstanceSerializer.put(holding.instance(), lease);
    int size = lease.size();
    if (size > FrameLayout.RECORD_BYTES_MAX) {
      omitted++;
      OversizedRecord.omit(holding.instance().key(), size, counts, header.createdMs());
      return;
    }
    if (blockLeases > 0 && size >= BLOCK_BYTES) {
      // Damage to a large lease must not cost its neighbours.
      writeBlock();
    }
    block.putBytes(lease.array(), 0, size);
    blockLeases++;
    if (block.size() >= BLOCK_BYTES) {
      writeBlock();
    }
  }

  private void writeBlock() throws IOException {
    deflater.reset();
    deflater.setInput(block.array(), 0, block.size());
    deflater.finish();
    int size = 0;
    while (!deflater.finished()) {
      if (size == packed.length) {
        packed = Arrays.copyOf(packed, 2 * size);
      }
      size += deflater.deflate(packed, size, packed.length - size);
    }
    int at = frame.beginFrame();
    frame.putByte(BLOCK);
    frame.putNumber(blockLeases);
    frame.putNumber(block.size());
    frame.putBytes(packed, 0, size);
    frame.endFrame(at, header.salt());
    writeFrame();
    plainBytes += block.size();
    leases += blockLeases;
    blockLeases = 0;
    block.clear();
  }

  /**
   * Ends the file and makes it safe.
   *
   * @param version up to which the leases may tell of changes
   * @param atMs wall clock of that version
   */
  void finish(long version, long atMs) throws IOException {
    if (blockLeases > 0) {
      writeBlock();
    }
    int at = frame.beginFrame();
    frame.putByte(END);
    frame.putNumber(leases);
    frame.putNumber(version);
    frame.putNumber(atMs);
    frame.endFrame(at, header.salt());
    writeFrame();
    output.sync();
  }

  private void writeFrame() throws IOException {
    output.write(frame.array(), 0, frame.size());
    bytes += frame.size();
    frame.clear();
  }

  long bytes() {
    return bytes;
  }

  /** Bytes of all leases before they were packed. */
  long plainBytes() {
    return plainBytes;
  }

  /** Whether no lease was left out. */
  boolean isComplete() {
    return omitted == 0;
  }

  @Override
  public void close() throws IOException {
    deflater.end();
    output.close();
  }
}
