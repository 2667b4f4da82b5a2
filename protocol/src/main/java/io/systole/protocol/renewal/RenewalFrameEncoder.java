// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.renewal;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** An encoder of renewal frames and of the responses to them (spec §10). */
public final class RenewalFrameEncoder {
  private RenewalFrameEncoder() {}

  /**
   * Encodes a frame.
   *
   * @param epoch that of all handles
   * @param keys those of the handles, in ascending order, each once
   * @param count the count of keys, 1..{@link RenewalFrame#RENEWALS_MAX}
   */
  public static byte[] encode(long epoch, long[] keys, int count) {
    if (count < 1 || count > RenewalFrame.RENEWALS_MAX) {
      throw new IllegalArgumentException("count=" + count);
    }
    int[] slots = new int[count];
    for (int i = 0; i < count; i++) {
      slots[i] = (int) keys[i];
    }
    int sections = sections(keys, count);
    ByteBuffer frame = ByteBuffer.allocate(RenewalFrame.HEAD_BYTES
        + RenewalFrame.SECTION_HEAD_BYTES * sections
        + NumberSetEncoder.VARINT_BYTES_MAX * count);
    frame.put((byte) RenewalFrame.VERSION).putLong(epoch).putShort((short) sections);
    int from = 0;
    while (from < count) {
      int generation = generation(keys[from]);
      int to = from + 1;
      while (to < count && generation(keys[to]) == generation) {
        to++;
      }
      frame.putInt(generation);
      putSection(frame, slots, from, to);
      from = to;
    }
    return Arrays.copyOf(frame.array(), frame.position());
  }

  private static int sections(long[] keys, int count) {
    int sections = 1;
    for (int i = 1; i < count; i++) {
      sections += generation(keys[i]) == generation(keys[i - 1]) ? 0 : 1;
    }
    return sections;
  }

  private static int generation(long key) {
    return (int) (key >>> Integer.SIZE);
  }

  private static void putSection(ByteBuffer frame, int[] slots, int from, int to) {
    int formAt = frame.position();
    int start = formAt + 1 + Integer.BYTES;
    frame.position(start);
    byte form = putSet(frame, slots, from, to);
    frame.put(formAt, form).putInt(formAt + 1, frame.position() - start);
  }

  /** Appends the shorter encoding of a set; returns its form. */
  private static byte putSet(ByteBuffer out, int[] numbers, int from, int to) {
    if (NumberSetEncoder.areGapsLonger(numbers, from, to)) {
      NumberSetEncoder.putBitmap(out, numbers, from, to);
      return RenewalFrame.BITMAP;
    }
    NumberSetEncoder.putGaps(out, numbers, from, to);
    return RenewalFrame.GAPS;
  }

  /**
   * Encodes the response to a frame of which not all leases were renewed.
   *
   * @param positions the positions within the frame of the leases that were not renewed, from 0 on,
   *     in ascending order
   * @param count the count of positions, 1..{@link RenewalFrame#RENEWALS_MAX}
   */
  public static byte[] encodeRefused(int[] positions, int count) {
    // A bitmap of all positions is the longest form that can be the shorter one.
    int bytesMax = 2 + Integer.BYTES + RenewalFrame.RENEWALS_MAX / 8;
    ByteBuffer response = ByteBuffer.allocate(bytesMax);
    response.put((byte) RenewalFrame.VERSION).position(2);
    byte form = putSet(response, positions, 0, count);
    return Arrays.copyOf(response.put(1, form).array(), response.position());
  }
}
