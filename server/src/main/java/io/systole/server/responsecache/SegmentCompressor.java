// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import java.util.Arrays;
import java.util.zip.Deflater;

/** Compresses texts into pieces. One thread; holds native memory until closed. */
final class SegmentCompressor implements AutoCloseable {
  /**
   * The strongest of zlib's levels that take the first match they find. Those that go on looking
   * cost half as much again, and instances of one application are so alike that they gain little;
   * what a level costs is paid with every change.
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

  DeflateSegment make(byte[] plain) {
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
