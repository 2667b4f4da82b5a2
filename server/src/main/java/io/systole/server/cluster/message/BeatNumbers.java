// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.message;

import io.systole.protocol.renewal.MalformedRenewalsException;
import io.systole.protocol.renewal.NumberSetDecoder;
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
    NumberSetDecoder decoder = new NumberSetDecoder(buffer);
    int at = from;
    while (at < to) {
      long owner = (long) LONG.get(bytes, at);
      int flags = flags(bytes, at);
      int start = at + HEAD_BYTES;
      int end = start + length(bytes, at);
      boolean isByPeers = (flags & BY_PEERS) != 0;
      NumberSetDecoder.Sink sink =
          (numbers, count) -> visitor.onNumbers(owner, isByPeers, numbers, count);
      try {
        if ((flags & BITMAP) == 0) {
          decoder.decodeGaps(bytes, start, end, sink);
        } else {
          decoder.decodeBitmap(bytes, start, end, sink);
        }
      } catch (MalformedRenewalsException malformed) {
        throw new MalformedMessageException("BEAT with " + malformed.getMessage());
      }
      at = end;
    }
  }
}
