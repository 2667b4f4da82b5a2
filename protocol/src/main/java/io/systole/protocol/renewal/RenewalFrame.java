// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.renewal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A decoded renewal frame (spec §10): one object for many frames, which keeps its arrays. Not
 * thread-safe.
 *
 * <pre>
 * frame      version (1) 1, epoch (8), number of sections (2, 1..16,384), sections
 * section    generation (4, not negative, greater than that of the section before),
 *            form (1): 0 gaps, 1 bitmap; length (4) of the rest: the slots, at least one
 * response   version (1) 1, form (1), the positions of the leases that were not renewed
 * </pre>
 *
 * <p>Numbers are big-endian, with their bytes in parentheses; gaps and bitmaps are those of
 * {@link NumberSetEncoder}. A frame has at most {@value #RENEWALS_MAX} slots and
 * {@value #BYTES_MAX} bytes. The position of a lease is the count of slots before it in the frame.
 */
public final class RenewalFrame {
  /** The path of frames, after the base path. */
  public static final String PATH = "/renewals";

  /**
   * The maximum number of leases that one frame renews: about a millisecond of the event loop. As
   * many slots with a section each take less than {@link #BYTES_MAX}.
   */
  public static final int RENEWALS_MAX = 16_384;

  /** The maximum size of a frame. */
  public static final int BYTES_MAX = 256 * 1024;

  static final int VERSION = 1;
  static final byte GAPS = 0;
  static final byte BITMAP = 1;

  private static final int EPOCH_AT = 1;
  private static final int SECTIONS_AT = EPOCH_AT + Long.BYTES;

  static final int HEAD_BYTES = SECTIONS_AT + Short.BYTES;
  static final int SECTION_HEAD_BYTES = Integer.BYTES + 1 + Integer.BYTES;
  private static final int NUMBERS_AT_ONCE = 256;
  private static final int SLOTS_MIN = 1024;
  private static final int SECTIONS_MIN = 16;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);

  private final NumberSetDecoder numbers = new NumberSetDecoder(new int[NUMBERS_AT_ONCE]);
  private final NumberSetDecoder.Sink sink = this::add;
  private int[] slots = new int[SLOTS_MIN];
  private int[] generations = new int[SECTIONS_MIN];
  private int[] ends = new int[SECTIONS_MIN];
  private int sectionCount;
  private int count;
  private long epoch;

  /** Creates a frame without slots. */
  public RenewalFrame() {}

  /**
   * Replaces the content by that of an encoded frame.
   *
   * @throws MalformedRenewalsException if it is malformed or too large; the content is then
   *     undefined
   */
  public void decode(byte[] bytes) throws MalformedRenewalsException {
    if (bytes.length < HEAD_BYTES || bytes.length > BYTES_MAX) {
      throw new MalformedRenewalsException("a frame of " + bytes.length + " bytes");
    }
    if (bytes[0] != VERSION) {
      throw new MalformedRenewalsException("a frame of version " + (bytes[0] & 0xff));
    }
    epoch = (long) LONG.get(bytes, EPOCH_AT);
    count = 0;
    sectionCount = 0;
    int at = HEAD_BYTES;
    int sections = (short) SHORT.get(bytes, SECTIONS_AT) & 0xffff;
    if (sections == 0) {
      throw new MalformedRenewalsException("a frame without sections");
    }
    while (sectionCount < sections) {
      at = decodeSection(bytes, at);
    }
    if (at < bytes.length) {
      throw new MalformedRenewalsException(bytes.length - at + " bytes after the last section");
    }
  }

  /** Decodes a section; returns the index after it. */
  private int decodeSection(byte[] bytes, int at) throws MalformedRenewalsException {
    int from = at + SECTION_HEAD_BYTES;
    if (from > bytes.length) {
      throw new MalformedRenewalsException("a section that ends within its head");
    }
    int generation = (int) INT.get(bytes, at);
    if (generation < 0 || (sectionCount > 0 && generation <= generations[sectionCount - 1])) {
      throw new MalformedRenewalsException("generation " + generation + " out of order");
    }
    int form = bytes[at + Integer.BYTES];
    int length = (int) INT.get(bytes, at + Integer.BYTES + 1);
    if (length < 0 || length > bytes.length - from) {
      throw new MalformedRenewalsException(
          "a section of " + length + " bytes with " + (bytes.length - from) + " left");
    }
    int countBefore = count;
    decodeSet(numbers, form, bytes, from, from + length, sink);
    if (count == countBefore) {
      throw new MalformedRenewalsException("a section without slots");
    }
    if (sectionCount == ends.length) {
      generations = Arrays.copyOf(generations, 2 * sectionCount);
      ends = Arrays.copyOf(ends, 2 * sectionCount);
    }
    generations[sectionCount] = generation;
    ends[sectionCount++] = count;
    return from + length;
  }

  private static void decodeSet(
      NumberSetDecoder decoder,
      int form,
      byte[] bytes,
      int from,
      int to,
      NumberSetDecoder.Sink sink)
      throws MalformedRenewalsException {
    switch (form) {
      case GAPS -> decoder.decodeGaps(bytes, from, to, sink);
      case BITMAP -> decoder.decodeBitmap(bytes, from, to, sink);
      default -> throw new MalformedRenewalsException("a set of form " + form);
    }
  }

  private void add(int[] part, int length) throws MalformedRenewalsException {
    if (length > RENEWALS_MAX - count) {
      throw new MalformedRenewalsException("more than " + RENEWALS_MAX + " slots");
    }
    if (count + length > slots.length) {
      slots = Arrays.copyOf(slots, Math.max(2 * slots.length, count + length));
    }
    System.arraycopy(part, 0, slots, count, length);
    count += length;
  }

  /** Returns the epoch of the node that assigned the handles. */
  public long epoch() {
    return epoch;
  }

  /** Returns the count of leases. */
  public int count() {
    return count;
  }

  /** Returns the slots, by position, in the first {@link #count()} elements; not to be modified. */
  public int[] slots() {
    return slots;
  }

  /** Returns the count of sections: ranges of positions with the same generation. */
  public int sectionCount() {
    return sectionCount;
  }

  /** Returns the generation of the slots of a section. */
  public int generation(int section) {
    return generations[section];
  }

  /** Returns the position after the last one of a section. */
  public int end(int section) {
    return ends[section];
  }

  /**
   * Returns the positions of the leases that were not renewed, in ascending order.
   *
   * @param response the body of the response; empty if all leases were renewed
   * @param count the count of leases in the frame
   * @throws MalformedRenewalsException if the body is malformed or has a position from
   *     {@code count} on
   */
  public static int[] refusedPositions(byte[] response, int count)
      throws MalformedRenewalsException {
    if (response.length == 0) {
      return new int[0];
    }
    if (response.length < 2 || response[0] != VERSION) {
      throw new MalformedRenewalsException("a response of version " + (response[0] & 0xff));
    }
    RenewalFrame positions = new RenewalFrame();
    decodeSet(positions.numbers, response[1], response, 2, response.length, positions.sink);
    if (positions.count == 0 || positions.slots[positions.count - 1] >= count) {
      throw new MalformedRenewalsException("a response without, or with too great, positions");
    }
    return Arrays.copyOf(positions.slots, positions.count);
  }
}
