// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.server.record.InstanceSerializer;
import io.systole.server.record.RecordEncoder;
import io.systole.server.registry.PersistedLease;
import java.io.IOException;
import java.util.Arrays;
import java.util.zip.Deflater;

/** A writer of the leases of a registry to a file, in compressed blocks. Not thread-safe. */
final class SnapshotWriter implements AutoCloseable {
  /** Kinds of payload, as the package description draws them. */
  static final int BLOCK = 1;

  static final int END = 2;

  /** Size at which a block is written; a lease of that size gets a separate block. */
  static final int BLOCK_BYTES = 64 * 1024;

  private final Storage.Output output;
  private final FileHeader header;
  private final StoreCounters counters;
  private final RecordEncoder lease = new RecordEncoder();
  private final RecordEncoder block = new RecordEncoder();
  private final FrameEncoder frame = new FrameEncoder();
  private final Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
  private byte[] deflated = new byte[BLOCK_BYTES];
  private long blockLeases;
  private long leases;
  private long omitted;
  private long plainBytes;
  private long bytes;

  SnapshotWriter(Storage.Output output, FileHeader header, StoreCounters counters)
      throws IOException {
    this.output = output;
    this.header = header;
    this.counters = counters;
    byte[] head = header.encode();
    output.write(head, 0, head.length);
    bytes = head.length;
  }

  /** Adds a lease; omits it if it exceeds {@link FrameLayout#RECORD_BYTES_MAX}. */
  void add(PersistedLease persisted) throws IOException {
    lease.clear();
    InstanceSerializer.writeStatus(persisted.override(), lease);
    InstanceSerializer.write(persisted.instance(), lease);
    int size = lease.size();
    if (size > FrameLayout.RECORD_BYTES_MAX) {
      omitted++;
      counters.addOmitted(persisted.instance().key(), size, header.createdMs());
      return;
    }
    if (blockLeases > 0 && size >= BLOCK_BYTES) {
      // Damage to a large lease must not affect others.
      writeBlock();
    }
    block.writeBytes(lease.array(), 0, size);
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
      if (size == deflated.length) {
        deflated = Arrays.copyOf(deflated, 2 * size);
      }
      size += deflater.deflate(deflated, size, deflated.length - size);
    }
    int at = frame.beginFrame();
    frame.writeByte(BLOCK);
    frame.writeVarint(blockLeases);
    frame.writeVarint(block.size());
    frame.writeBytes(deflated, 0, size);
    frame.endFrame(at, header.salt());
    writeFrame();
    plainBytes += block.size();
    leases += blockLeases;
    blockLeases = 0;
    block.clear();
  }

  /**
   * Writes the end record and syncs the file.
   *
   * @param version of the last change that any lease may contain
   * @param atMs wall clock time of that version
   */
  void finish(long version, long atMs) throws IOException {
    if (blockLeases > 0) {
      writeBlock();
    }
    int at = frame.beginFrame();
    frame.writeByte(END);
    frame.writeVarint(leases);
    frame.writeVarint(version);
    frame.writeVarint(atMs);
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

  /** Returns the size of all leases before compression. */
  long plainBytes() {
    return plainBytes;
  }

  /** Returns whether no lease was omitted. */
  boolean isComplete() {
    return omitted == 0;
  }

  @Override
  public void close() throws IOException {
    deflater.end();
    output.close();
  }
}
