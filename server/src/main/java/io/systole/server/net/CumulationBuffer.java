// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * The cumulation buffer of one connection: an incomplete head, or requests not decoded while
 * reading is paused. Empty between requests, so an idle connection holds no buffer.
 */
final class CumulationBuffer {
  private static final byte[] NONE = {};

  private byte[] bytes = NONE;

  boolean isEmpty() {
    return bytes.length == 0;
  }

  /** Returns the content. The array must not be modified. */
  byte[] bytes() {
    return bytes;
  }

  /** Appends bytes to the content. */
  void append(ByteBuf more, int length) {
    int before = bytes.length;
    bytes = Arrays.copyOf(bytes, before + length);
    more.readBytes(bytes, before, length);
  }

  /** Copies the content, followed by more input, to the array; returns the index after both. */
  int joinInto(byte[] array, ByteBuf more, int length) {
    int before = bytes.length;
    System.arraycopy(bytes, 0, array, 0, before);
    more.readBytes(array, before, length);
    return before + length;
  }

  /** Replaces the content by a range of the array. */
  void retain(byte[] array, int from, int to) {
    if (from == to) {
      bytes = NONE;
    } else if (from > 0 || array != bytes) {
      bytes = Arrays.copyOfRange(array, from, to);
    }
  }

  void clear() {
    bytes = NONE;
  }
}
