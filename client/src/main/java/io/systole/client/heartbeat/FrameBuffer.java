// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

import java.util.Arrays;

/**
 * Bytes of the frames that leave together. One per event loop, reused; it grows to the largest
 * batch, whose bound is the number of requests in flight.
 */
public final class FrameBuffer {
  private static final int BYTES_AT_FIRST = 16 * 1024;

  private byte[] bytes = new byte[BYTES_AT_FIRST];
  private int length;

  /** Returns the backing array; only the first {@link #length()} bytes mean anything. */
  public byte[] bytes() {
    return bytes;
  }

  public int length() {
    return length;
  }

  public void clear() {
    length = 0;
  }

  /** Makes room, so that as many bytes can be appended without further checks of growth. */
  void reserve(int size) {
    if (bytes.length - length < size) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + size));
    }
  }

  /** Appends a stretch of an array; {@link #reserve} comes first. */
  void append(byte[] source, int from, int size) {
    System.arraycopy(source, from, bytes, length, size);
    length += size;
  }

  void append(byte[] source) {
    append(source, 0, source.length);
  }
}
