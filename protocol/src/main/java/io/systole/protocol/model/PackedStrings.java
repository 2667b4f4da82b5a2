// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.model;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.jspecify.annotations.Nullable;

/**
 * Several strings encoded in one byte array. Saves two objects and up to seven bytes of padding per
 * string, for strings that are many and rarely read.
 *
 * <pre>
 *   packed  ::=  { count  byte* }     for each string, in order
 *   count   ::=  the number of UTF-8 bytes plus one, or 0 for null, as a varint: seven bits per
 *                byte, the lowest first, the top bit set on all but the last byte
 * </pre>
 */
final class PackedStrings {
  private static final int COUNT_BITS = 7;
  private static final int CONTINUATION = 1 << COUNT_BITS;

  private PackedStrings() {}

  /** Encodes strings, which must be well-formed; a lone surrogate is not preserved. */
  static byte[] pack(@Nullable String... texts) {
    byte[][] encoded = new byte[texts.length][];
    int size = 0;
    for (int index = 0; index < texts.length; index++) {
      String text = texts[index];
      if (text == null) {
        size++;
      } else {
        encoded[index] = text.getBytes(UTF_8);
        size += countSize(encoded[index].length + 1) + encoded[index].length;
      }
    }
    byte[] packed = new byte[size];
    int to = 0;
    for (byte[] text : encoded) {
      if (text == null) {
        to++;
      } else {
        to = putCount(text.length + 1, packed, to);
        System.arraycopy(text, 0, packed, to, text.length);
        to += text.length;
      }
    }
    return packed;
  }

  /** Decodes the string at {@code index}, from 0; may be null. */
  static @Nullable String at(int index, byte[] packed) {
    int from = 0;
    for (int before = 0; before < index; before++) {
      int count = count(packed, from);
      from += countSize(count) + Math.max(0, count - 1);
    }
    int count = count(packed, from);
    return count == 0 ? null : new String(packed, from + countSize(count), count - 1, UTF_8);
  }

  private static int putCount(int count, byte[] packed, int from) {
    int to = from;
    int rest = count;
    while (rest >= CONTINUATION) {
      packed[to++] = (byte) (rest | CONTINUATION);
      rest >>>= COUNT_BITS;
    }
    packed[to++] = (byte) rest;
    return to;
  }

  private static int count(byte[] packed, int from) {
    int count = 0;
    int shift = 0;
    int at = from;
    while (packed[at] < 0) {
      count |= (packed[at++] & (CONTINUATION - 1)) << shift;
      shift += COUNT_BITS;
    }
    return count | packed[at] << shift;
  }

  private static int countSize(int count) {
    int size = 1;
    for (int rest = count >>> COUNT_BITS; rest != 0; rest >>>= COUNT_BITS) {
      size++;
    }
    return size;
  }
}
