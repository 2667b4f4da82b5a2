// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

import java.util.Arrays;

/**
 * A buffer of encoded requests that are written together. One per event loop, reused; it grows to
 * the largest batch, which is bounded by the number of requests in flight.
 */
public final class FrameBuffer {
  private static final int INITIAL_BYTES = 16 * 1024;

  private byte[] bytes = new byte[INITIAL_BYTES];
  private int length;

  /** Returns the backing array, of which only the first {@link #length()} bytes are valid. */
  public byte[] bytes() {
    return bytes;
  }

  public int length() {
    return length;
  }

  public void clear() {
    length = 0;
  }

  /** Ensures capacity for this many more bytes. */
  void reserve(int size) {
    if (bytes.length - length < size) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + size));
    }
  }

  /** Appends part of an array; requires a preceding {@link #reserve}. */
  void append(byte[] source, int from, int size) {
    System.arraycopy(source, from, bytes, length, size);
    length += size;
  }

  void append(byte[] source) {
    append(source, 0, source.length);
  }
}
