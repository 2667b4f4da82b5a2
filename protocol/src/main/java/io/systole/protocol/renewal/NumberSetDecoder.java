// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.renewal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** A decoder of the sets of numbers of {@link NumberSetEncoder}. Not thread-safe. */
public final class NumberSetDecoder {
  /** Receives the numbers of a set, a part at a time. */
  @FunctionalInterface
  public interface Sink {
    /**
     * Receives some numbers.
     *
     * @param numbers contains the numbers from index 0 on, each 0..2^31-1, in ascending order; may
     *     be overwritten afterwards
     * @param count at least 1
     * @throws MalformedRenewalsException to refuse them
     */
    void accept(int[] numbers, int count) throws MalformedRenewalsException;
  }

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private final int[] buffer;

  /** @param buffer receives the numbers of each call; at least one element */
  public NumberSetDecoder(int[] buffer) {
    this.buffer = buffer;
  }

  /**
   * Decodes {@code bytes[from, to)} as gaps.
   *
   * @throws MalformedRenewalsException if they are malformed; the sink may have received numbers
   */
  public void decodeGaps(byte[] bytes, int from, int to, Sink sink)
      throws MalformedRenewalsException {
    int count = 0;
    long next = 0;
    int at = from;
    while (at < to) {
      int first = bytes[at++];
      long gap = first;
      if (first < 0) {
        gap = varint(bytes, at - 1, to);
        at += extraBytes(gap);
      }
      next += gap;
      if (next > Integer.MAX_VALUE) {
        throw new MalformedRenewalsException("number " + next);
      }
      if (count == buffer.length) {
        sink.accept(buffer, count);
        count = 0;
      }
      buffer[count++] = (int) next++;
    }
    if (count > 0) {
      sink.accept(buffer, count);
    }
  }

  /**
   * Reads a varint of two to five bytes; refuses one from 2^31 on, and any but its shortest form.
   */
  private static long varint(byte[] bytes, int from, int to) throws MalformedRenewalsException {
    long value = 0;
    int at = from;
    for (int shift = 0; shift < 35 && at < to; shift += 7) {
      int next = bytes[at++];
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        if (next == 0 || value > Integer.MAX_VALUE) {
          break;
        }
        return value;
      }
    }
    throw new MalformedRenewalsException("a malformed varint");
  }

  /** Returns the bytes after the first one of the varint of a number from 128 on. */
  private static int extraBytes(long value) {
    return (Long.SIZE - 1 - Long.numberOfLeadingZeros(value)) / 7;
  }

  /**
   * Decodes {@code bytes[from, to)} as a bitmap.
   *
   * @throws MalformedRenewalsException if they are malformed; the sink may have received numbers
   */
  public void decodeBitmap(byte[] bytes, int from, int to, Sink sink)
      throws MalformedRenewalsException {
    if (to - from < Integer.BYTES) {
      throw new MalformedRenewalsException("a bitmap that ends within its base");
    }
    int base = (int) INT.get(bytes, from);
    int at = from + Integer.BYTES;
    if (base < 0 || base + 8L * (to - at) > 1L << 31) {
      throw new MalformedRenewalsException(
          "a bitmap of " + (to - at) + " bytes from " + (base & 0xffff_ffffL) + " on");
    }
    int count = 0;
    for (; at < to; at++) {
      for (int bits = bytes[at] & 0xff; bits != 0; bits &= bits - 1) {
        if (count == buffer.length) {
          sink.accept(buffer, count);
          count = 0;
        }
        buffer[count++] = base + Integer.numberOfTrailingZeros(bits);
      }
      base += 8;
    }
    if (count > 0) {
      sink.accept(buffer, count);
    }
  }
}
