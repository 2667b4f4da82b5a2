// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * A compressed part of a document that can be concatenated with others: complete deflate blocks
 * (RFC 1951 §3.2.3) without the final flag, ending on a byte boundary. Not to be modified.
 *
 * @param deflated the blocks
 * @param plainLength size of the text, bytes
 * @param crc CRC-32 of the text
 * @param factor {@link Crc32#factor} of the text's length
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record DeflateSegment(byte[] deflated, int plainLength, int crc, int factor) {
  private static final int STORED_MAX = 0xFFFF;
  private static final int STORED_HEAD = 5;

  static DeflateSegment of(byte[] plain, byte[] deflated) {
    return new DeflateSegment(deflated, plain.length, crcOf(plain), Crc32.factor(plain.length));
  }

  /**
   * Returns a segment of stored blocks (RFC 1951 §3.2.4), each a header of five bytes and the text.
   */
  static DeflateSegment stored(byte[] plain) {
    int blocks = (plain.length + STORED_MAX - 1) / STORED_MAX;
    byte[] deflated = new byte[plain.length + STORED_HEAD * blocks];
    int at = 0;
    for (int from = 0; from < plain.length; from += STORED_MAX) {
      int length = Math.min(STORED_MAX, plain.length - from);
      deflated[at + 1] = (byte) length;
      deflated[at + 2] = (byte) (length >>> 8);
      deflated[at + 3] = (byte) ~length;
      deflated[at + 4] = (byte) (~length >>> 8);
      System.arraycopy(plain, from, deflated, at + STORED_HEAD, length);
      at += STORED_HEAD + length;
    }
    return of(plain, deflated);
  }

  private static int crcOf(byte[] plain) {
    CRC32 crc = new CRC32();
    crc.update(plain);
    return (int) crc.getValue();
  }

  /** A compressor of texts into segments. Not thread-safe; holds native memory until closed. */
  static final class SegmentCompressor implements AutoCloseable {
    /**
     * The strongest zlib level without lazy matching. Lazy matching costs half as much again and
     * gains little, as instances of one application are much alike; and each change pays for it.
     */
    static final int LEVEL = 3;

    private final Deflater deflater;
    private byte[] scratch = new byte[16 * 1024];

    SegmentCompressor() {
      this(LEVEL);
    }

    SegmentCompressor(int level) {
      deflater = new Deflater(level, true);
    }

    DeflateSegment compress(byte[] plain) {
      deflater.reset();
      deflater.setInput(plain);
      int length = 0;
      while (true) {
        int space = scratch.length - length;
        int written = deflater.deflate(scratch, length, space, Deflater.SYNC_FLUSH);
        length += written;
        if (written < space) {
          return DeflateSegment.of(plain, Arrays.copyOf(scratch, length));
        }
        scratch = Arrays.copyOf(scratch, scratch.length * 2);
      }
    }

    @Override
    public void close() {
      deflater.end();
    }
  }
}
