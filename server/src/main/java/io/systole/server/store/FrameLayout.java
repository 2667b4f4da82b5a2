// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The layout of a frame, and the bounds that its writers and readers share:
 *
 * <pre>
 *  0  length     of the payload, 4 bytes
 *  4  check      of length, checksum and the file's salt, 4 bytes; not in format 1
 *  8  checksum   CRC-32C of salt, length and payload, 4 bytes
 * 12  payload
 * </pre>
 *
 * <p>The check makes a frame's length trustworthy before its payload is looked at, and costs a few
 * nanoseconds: a search for the next whole frame tests each byte of a damaged file in linear time.
 * The salt is a secret of its file, so that no text that a client registers can pass for a frame.
 */
final class FrameLayout {
  /** Payloads above are never written, and passed over by readers. */
  static final int PAYLOAD_BYTES_MAX = 4 << 20;

  /**
   * A record or a lease above is left out. The rest of the payload is for what stands before it,
   * and for a block that packing makes longer.
   */
  static final int RECORD_BYTES_MAX = PAYLOAD_BYTES_MAX - (64 << 10);

  static final int HEAD_BYTES = 12;
  static final int HEAD_BYTES_FORMAT_1 = 8;

  private FrameLayout() {}

  static int headBytes(int format) {
    return format == 1 ? HEAD_BYTES_FORMAT_1 : HEAD_BYTES;
  }

  /** Puts the head before a payload that stands at {@code at + HEAD_BYTES}. */
  static void putHead(CRC32C crc, long salt, byte[] bytes, int at, int length) {
    ByteBuffer head = ByteBuffer.wrap(bytes);
    head.putInt(at, length);
    int checksum = checksum(crc, salt, length, bytes, at + HEAD_BYTES);
    head.putInt(at + 4, check(length, checksum, salt));
    head.putInt(at + 8, checksum);
  }

  /** The check of a head: 32 mixed bits, by the finalizer of MurmurHash3. */
  static int check(int length, int checksum, long salt) {
    long mixed = ((long) length << Integer.SIZE | (checksum & 0xffff_ffffL)) ^ salt;
    mixed = (mixed ^ mixed >>> 33) * 0xff51afd7ed558ccdL;
    mixed = (mixed ^ mixed >>> 33) * 0xc4ceb9fe1a85ec53L;
    return (int) (mixed >>> Integer.SIZE);
  }

  static int checksum(CRC32C crc, long salt, int length, byte[] bytes, int payloadAt) {
    ByteBuffer first = ByteBuffer.allocate(Long.BYTES + Integer.BYTES);
    first.putLong(salt).putInt(length);
    crc.reset();
    crc.update(first.array(), 0, first.position());
    crc.update(bytes, payloadAt, length);
    return (int) crc.getValue();
  }
}
