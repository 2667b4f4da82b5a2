// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import io.systole.server.route.BodySource;
import java.util.Iterator;

/** A source of segments, concatenated as one gzip member (RFC 1952 §2.3). */
final class GzipSource implements BodySource {
  /** Method deflate, no flags, no time, unknown operating system. */
  static final byte[] HEAD = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 255};

  /** An empty final block of fixed codes (RFC 1951 §3.2.6), the CRC and the size. */
  static final int TAIL_LENGTH = 10;

  private final Iterator<DeflateSegment> segments;
  private final byte[] tail;
  private boolean isInTail;
  private byte[] part = HEAD;
  private int at;

  /**
   * Creates a source.
   *
   * @param plainLength size of the text, bytes; encoded modulo 2^32, as the format defines
   */
  GzipSource(Iterator<DeflateSegment> segments, int crc, long plainLength) {
    this.segments = segments;
    this.tail = tail(crc, (int) plainLength);
  }

  private static byte[] tail(int crc, int size) {
    byte[] tail = new byte[TAIL_LENGTH];
    tail[0] = 3;
    for (int i = 0; i < Integer.BYTES; i++) {
      tail[2 + i] = (byte) (crc >>> (8 * i));
      tail[6 + i] = (byte) (size >>> (8 * i));
    }
    return tail;
  }

  @Override
  public int read(byte[] into, int from, int length) {
    int filled = 0;
    while (filled < length && hasMore()) {
      int count = Math.min(part.length - at, length - filled);
      System.arraycopy(part, at, into, from + filled, count);
      at += count;
      filled += count;
    }
    return filled == 0 ? END : filled;
  }

  /** Advances to the next part if the current one is used up. */
  private boolean hasMore() {
    while (at == part.length) {
      if (isInTail) {
        return false;
      }
      isInTail = !segments.hasNext();
      part = isInTail ? tail : segments.next().deflated();
      at = 0;
    }
    return true;
  }

  @Override
  public void close() {
    // Nothing to release.
  }
}
