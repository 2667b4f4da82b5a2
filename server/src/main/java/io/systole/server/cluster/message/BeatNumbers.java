// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.message;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** The encoded lease numbers of a BEAT. Immutable; their bytes are not copied. */
public final class BeatNumbers {
  /** Receives the numbers of one owner, a part at a time. */
  @FunctionalInterface
  public interface Visitor {
    /**
     * Receives some numbers.
     *
     * @param owner epoch of the member that allocated the numbers
     * @param isByPeers whether stock peers sent the renewals, otherwise the instances
     * @param numbers contains the numbers from index 0 on, each 0..2^31-1; may be overwritten
     * @param count at least 1
     */
    void onNumbers(long owner, boolean isByPeers, int[] numbers, int count);
  }

  /** The head of a section: owner, flags, length of the rest. See the package description. */
  static final int HEAD_BYTES = Long.BYTES + 1 + Integer.BYTES;

  /** Flags of a section. */
  static final int BY_PEERS = 1;

  static final int BITMAP = 2;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);

  private final byte[] bytes;
  private final int from;
  private final int to;

  private BeatNumbers(byte[] bytes, int from, int to) {
    this.bytes = bytes;
    this.from = from;
    this.to = to;
  }

  /** Returns the numbers of a message. Checks the heads of its sections, not the numbers. */
  static BeatNumbers read(byte[] bytes, int from, int to, int version)
      throws MalformedMessageException {
    int allowedFlags = MessageVersion.hasBitmaps(version) ? BY_PEERS | BITMAP : BY_PEERS;
    if (to - from < Short.BYTES) {
      throw new MalformedMessageException("BEAT without a number of sections");
    }
    int first = from + Short.BYTES;
    int at = first;
    for (int left = (short) SHORT.get(bytes, from) & 0xffff; left > 0; left--) {
      if (to - at < HEAD_BYTES) {
        throw new MalformedMessageException("BEAT ends within the head of a section");
      }
      int flags = flags(bytes, at);
      if ((flags & ~allowedFlags) != 0) {
        throw new MalformedMessageException(
            "BEAT of version " + version + " has a section with flags " + flags);
      }
      int length = length(bytes, at);
      if (length < 0 || length > to - at - HEAD_BYTES) {
        throw new MalformedMessageException(
            "BEAT section of " + length + " bytes with " + (to - at - HEAD_BYTES) + " left");
      }
      at += HEAD_BYTES + length;
    }
    if (at < to) {
      throw new MalformedMessageException("BEAT with " + (to - at) + " bytes after its sections");
    }
    return new BeatNumbers(bytes, first, to);
  }

  private static int flags(byte[] bytes, int at) {
    return bytes[at + Long.BYTES] & 0xff;
  }

  private static int length(byte[] bytes, int at) {
    return (int) INT.get(bytes, at + Long.BYTES + 1);
  }

  /** Returns whether there are no sections. */
  public boolean isEmpty() {
    return from == to;
  }

  /**
   * Passes all numbers to a visitor, section by section, in ascending order.
   *
   * @param buffer receives the numbers of each call; at least one element
   * @throws MalformedMessageException if a section is malformed; the visitor may have received
   *     numbers before it
   */
  public void forEach(int[] buffer, Visitor visitor) throws MalformedMessageException {
    int at = from;
    while (at < to) {
      long owner = (long) LONG.get(bytes, at);
      int flags = flags(bytes, at);
      int start = at + HEAD_BYTES;
      int end = start + length(bytes, at);
      boolean isByPeers = (flags & BY_PEERS) != 0;
      int count = (flags & BITMAP) == 0
          ? visitGaps(start, end, owner, isByPeers, buffer, visitor)
          : visitBitmap(start, end, owner, isByPeers, buffer, visitor);
      if (count > 0) {
        visitor.onNumbers(owner, isByPeers, buffer, count);
      }
      at = end;
    }
  }

  /**
   * Decodes the numbers of gaps into the buffer, which the visitor receives whenever it is full.
   *
   * @return the count of numbers in the buffer that the visitor has not received
   */
  private int visitGaps(
      int start, int end, long owner, boolean isByPeers, int[] buffer, Visitor visitor)
      throws MalformedMessageException {
    int count = 0;
    long next = 0;
    int at = start;
    while (at < end) {
      int first = bytes[at++];
      long gap = first;
      if (first < 0) {
        gap = varint(at - 1, end);
        at += extraBytes(gap);
      }
      next += gap;
      if (next > Integer.MAX_VALUE) {
        throw new MalformedMessageException("BEAT with number " + next);
      }
      if (count == buffer.length) {
        visitor.onNumbers(owner, isByPeers, buffer, count);
        count = 0;
      }
      buffer[count++] = (int) next++;
    }
    return count;
  }

  /** Reads a varint of two to five bytes, the shortest form of a number below 2^31. */
  private long varint(int start, int end) throws MalformedMessageException {
    long value = 0;
    int at = start;
    for (int shift = 0; shift < 35 && at < end; shift += 7) {
      int next = bytes[at++];
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        if (next == 0 || value > Integer.MAX_VALUE) {
          break;
        }
        return value;
      }
    }
    throw new MalformedMessageException("BEAT with a malformed varint");
  }

  /** Returns the bytes after the first one of the varint of a number from 128 on. */
  private static int extraBytes(long value) {
    return (Long.SIZE - 1 - Long.numberOfLeadingZeros(value)) / 7;
  }

  /**
   * Decodes the numbers of a bitmap into the buffer, as {@link #visitGaps} does.
   *
   * @return the count of numbers in the buffer that the visitor has not received
   */
  private int visitBitmap(
      int start, int end, long owner, boolean isByPeers, int[] buffer, Visitor visitor)
      throws MalformedMessageException {
    if (end - start < Integer.BYTES) {
      throw new MalformedMessageException("BEAT ends within the base of a bitmap");
    }
    int base = (int) INT.get(bytes, start);
    int at = start + Integer.BYTES;
    if (base < 0 || base + 8L * (end - at) > 1L << 31) {
      throw new MalformedMessageException(
          "BEAT with a bitmap of " + (end - at) + " bytes from " + (base & 0xffff_ffffL) + " on");
    }
    int count = 0;
    for (; at < end; at++) {
      for (int bits = bytes[at] & 0xff; bits != 0; bits &= bits - 1) {
        if (count == buffer.length) {
          visitor.onNumbers(owner, isByPeers, buffer, count);
          count = 0;
        }
        buffer[count++] = base + Integer.numberOfTrailingZeros(bits);
      }
      base += 8;
    }
    return count;
  }
}
