// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The layout of a frame, and the size limits shared by writers and readers:
 *
 * <pre>
 *  0  length     of the payload, 4 bytes
 *  4  check      of length, checksum and the file's salt, 4 bytes; not in format 1
 *  8  checksum   CRC-32C of salt, length and payload, 4 bytes
 * 12  payload
 * </pre>
 *
 * <p>The check validates a frame's length before its payload is read, at a cost of a few
 * nanoseconds. Scanning a damaged file for the next valid frame therefore takes linear time. The
 * salt is a secret of the file, so that no text registered by a client can be mistaken for a frame.
 */
final class FrameLayout {
  /** Larger payloads are never written, and skipped by readers. */
  static final int PAYLOAD_BYTES_MAX = 4 << 20;

  /**
   * Larger records and leases are omitted. The remainder of the payload limit covers the members in
   * front of the document, and blocks that grow when deflated.
   */
  static final int RECORD_BYTES_MAX = PAYLOAD_BYTES_MAX - (64 << 10);

  static final int HEAD_BYTES = 12;
  static final int HEAD_BYTES_FORMAT_1 = 8;

  private FrameLayout() {}

  static int headBytes(int format) {
    return format == 1 ? HEAD_BYTES_FORMAT_1 : HEAD_BYTES;
  }

  /** Writes the head of a frame whose payload starts at {@code at + HEAD_BYTES}. */
  static void writeHead(CRC32C crc, long salt, byte[] bytes, int at, int length) {
    ByteBuffer head = ByteBuffer.wrap(bytes);
    head.putInt(at, length);
    int checksum = checksum(crc, salt, length, bytes, at + HEAD_BYTES);
    head.putInt(at + 4, check(length, checksum, salt));
    head.putInt(at + 8, checksum);
  }

  /** Returns the check of a head: 32 mixed bits, by the finalizer of MurmurHash3. */
  static int check(int length, int checksum, long salt) {
    long mixed = ((long) length << Integer.SIZE | (checksum & 0xffff_ffffL)) ^ salt;
    mixed = (mixed ^ mixed >>> 33) * 0xff51afd7ed558ccdL;
    mixed = (mixed ^ mixed >>> 33) * 0xc4ceb9fe1a85ec53L;
    return (int) (mixed >>> Integer.SIZE);
  }

  static int checksum(CRC32C crc, long salt, int length, byte[] bytes, int payloadAt) {
    ByteBuffer prefix = ByteBuffer.allocate(Long.BYTES + Integer.BYTES);
    prefix.putLong(salt).putInt(length);
    crc.reset();
    crc.update(prefix.array(), 0, prefix.position());
    crc.update(bytes, payloadAt, length);
    return (int) crc.getValue();
  }
}
