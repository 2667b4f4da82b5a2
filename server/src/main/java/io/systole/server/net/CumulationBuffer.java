// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * What a connection has read and can't use yet: half a head, or whole requests while its peer must
 * first read its answers. Empty between requests, so that an idle connection holds no buffer.
 */
final class CumulationBuffer {
  private static final byte[] NONE = {};

  private byte[] bytes = NONE;

  boolean isEmpty() {
    return bytes.length == 0;
  }

  /** All of it; not to be changed. */
  byte[] bytes() {
    return bytes;
  }

  /** Takes bytes behind those that are kept. */
  void append(ByteBuf more, int length) {
    int before = bytes.length;
    bytes = Arrays.copyOf(bytes, before + length);
    more.readBytes(bytes, before, length);
  }

  /** Puts what is kept, and what came behind it, at the start of the array; returns their end. */
  int joinInto(byte[] array, ByteBuf more, int length) {
    int before = bytes.length;
    System.arraycopy(bytes, 0, array, 0, before);
    more.readBytes(array, before, length);
    return before + length;
  }

  /** Keeps this part of the array and nothing else. */
  void keep(byte[] array, int from, int to) {
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
