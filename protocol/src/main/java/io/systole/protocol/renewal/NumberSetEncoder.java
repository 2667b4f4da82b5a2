// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.renewal;

import java.nio.ByteBuffer;

/**
 * The encodings of a set of numbers, 0..2^31-1 each: as gaps or as a bitmap.
 *
 * <pre>
 * gaps      for each number, in ascending order, the difference (varint, the shortest form) between
 *           it and the lowest possible: 0, then the previous one plus 1
 * bitmap    base (4, not negative), then bytes: bit i, of value 2^i, of byte n is set if number
 *           base + 8 n + i is in the set; base + 8 times the bytes is at most 2^31
 * varint    7 bits in each byte, the lowest first; the highest bit is set in all but the last byte
 * </pre>
 */
public final class NumberSetEncoder {
  /** The maximum length of a varint. */
  public static final int VARINT_BYTES_MAX = 5;

  private NumberSetEncoder() {}

  /** Returns the length of a varint in bytes. */
  public static int varintBytes(int value) {
    return (Integer.SIZE + 6 - Integer.numberOfLeadingZeros(value | 1)) / 7;
  }

  public static void putVarint(ByteBuffer out, int value) {
    int rest = value;
    while ((rest & ~0x7f) != 0) {
      out.put((byte) (rest | 0x80));
      rest >>>= 7;
    }
    out.put((byte) rest);
  }

  /**
   * Returns whether the gaps of a set take more than {@code bytes}.
   *
   * @param words bit {@code n % 64} of word {@code n / 64} is set for number {@code n}
   * @param from the first word with a bit
   * @param to the index after the last word
   * @param count the count of bits
   */
  public static boolean areGapsLonger(long[] words, int from, int to, int count, int bytes) {
    if (count > bytes) {
      return true;
    }
    // A varint has at most a 128th of its value in bytes after the first one, and the sum of all
    // gaps is less than 64 times the words.
    if (count + (to + 1) / 2 <= bytes) {
      return false;
    }
    int gapBytes = 0;
    int next = 0;
    for (int i = from; i < to && gapBytes <= bytes; i++) {
      for (long bits = words[i]; bits != 0; bits &= bits - 1) {
        int number = Long.SIZE * i + Long.numberOfTrailingZeros(bits);
        gapBytes += varintBytes(number - next);
        next = number + 1;
      }
    }
    return gapBytes > bytes;
  }

  /** Returns whether the gaps of ascending numbers take more bytes than their bitmap. */
  static boolean areGapsLonger(int[] numbers, int from, int to) {
    return gapBytes(numbers, from, to) > bitmapBytes(numbers, from, to);
  }

  private static int gapBytes(int[] numbers, int from, int to) {
    int bytes = 0;
    int next = 0;
    for (int i = from; i < to; i++) {
      bytes += varintBytes(numbers[i] - next);
      next = numbers[i] + 1;
    }
    return bytes;
  }

  private static int bitmapBytes(int[] numbers, int from, int to) {
    return Integer.BYTES + numbers[to - 1] / 8 - numbers[from] / 8 + 1;
  }

  /** Appends the gaps of ascending numbers. */
  static void putGaps(ByteBuffer out, int[] numbers, int from, int to) {
    int next = 0;
    for (int i = from; i < to; i++) {
      putVarint(out, numbers[i] - next);
      next = numbers[i] + 1;
    }
  }

  /** Appends the bitmap of ascending numbers, of which there is at least one. */
  static void putBitmap(ByteBuffer out, int[] numbers, int from, int to) {
    int at = numbers[from] / 8;
    out.putInt(8 * at);
    int bits = 0;
    for (int i = from; i < to; i++) {
      for (int index = numbers[i] / 8; at < index; at++) {
        out.put((byte) bits);
        bits = 0;
      }
      bits |= 1 << (numbers[i] % 8);
    }
    out.put((byte) bits);
  }
}
