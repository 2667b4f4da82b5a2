// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import java.util.Arrays;
import java.util.zip.Deflater;

/** A compressor of texts into segments. Not thread-safe; holds native memory until closed. */
final class SegmentCompressor implements AutoCloseable {
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
