// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.message;

import io.systole.protocol.renewal.NumberSetEncoder;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * An encoder of the BEATs of a window, which are split at {@value #BYTES_MAX} bytes. Allocates the
 * messages only. Not thread-safe.
 */
public final class BeatEncoder {
  /** The maximum size of a message. */
  public static final int BYTES_MAX = 60_000;

  /** A part of a bitmap that would be shorter than this begins in the next message. */
  private static final int PART_BYTES_MIN = 1024;

  private final Consumer<byte[]> sender;
  private final ByteBuffer message = ByteBuffer.allocate(BYTES_MAX);
  private int version = MessageVersion.OLDEST;
  private int sectionsAt;
  private int sections;
  private int sectionAt;
  private long renewals;

  /**
   * Creates an encoder.
   *
   * @param sender receives each message as soon as it is complete
   */
  public BeatEncoder(Consumer<byte[]> sender) {
    this.sender = sender;
  }

  /**
   * Begins a window.
   *
   * @param version the version of the messages
   * @param window the number of the window, not negative
   */
  public void begin(int version, long window) {
    this.version = MessageVersion.checked(version);
    if (window < 0) {
      throw new IllegalArgumentException("window=" + window + " is negative");
    }
    message.clear();
    message.put((byte) MessageKind.BEAT.code()).put((byte) version).putLong(window);
    sectionsAt = message.position();
    message.putShort((short) 0);
    sections = 0;
    renewals = 0;
  }

  /**
   * Adds the renewals of leases of one owner.
   *
   * @param owner epoch of the member that allocated the numbers
   * @param isByPeers whether stock peers sent the renewals, otherwise the instances
   * @param words bit {@code n % 64} of word {@code n / 64} is set for number {@code n}; not changed
   * @param length the number of words
   */
  public void add(long owner, boolean isByPeers, long[] words, int length) {
    int to = length;
    while (to > 0 && words[to - 1] == 0) {
      to--;
    }
    int from = 0;
    while (from < to && words[from] == 0) {
      from++;
    }
    if (from == to) {
      return;
    }
    int firstByte = 8 * from + Long.numberOfTrailingZeros(words[from]) / 8;
    int endByte = 8 * to - Long.numberOfLeadingZeros(words[to - 1]) / 8;
    int flags = isByPeers ? BeatNumbers.BY_PEERS : 0;
    int count = count(words, from, to);
    renewals += count;
    int bitmapBytes = Integer.BYTES + endByte - firstByte;
    if (MessageVersion.hasBitmaps(version)
        && NumberSetEncoder.areGapsLonger(words, from, to, count, bitmapBytes)) {
      addBitmap(owner, flags | BeatNumbers.BITMAP, words, firstByte, endByte);
    } else {
      addGaps(owner, flags, words, from, to);
    }
  }

  private static int count(long[] words, int from, int to) {
    int count = 0;
    for (int i = from; i < to; i++) {
      count += Long.bitCount(words[i]);
    }
    return count;
  }

  private void addGaps(long owner, int flags, long[] words, int from, int to) {
    boolean isOpen = false;
    int next = 0;
    for (int i = from; i < to; i++) {
      for (long bits = words[i]; bits != 0; bits &= bits - 1) {
        if (isOpen && message.remaining() < NumberSetEncoder.VARINT_BYTES_MAX) {
          endSection();
          send();
          isOpen = false;
        }
        if (!isOpen) {
          beginSection(owner, flags, NumberSetEncoder.VARINT_BYTES_MAX);
          isOpen = true;
          next = 0;
        }
        int number = Long.SIZE * i + Long.numberOfTrailingZeros(bits);
        NumberSetEncoder.putVarint(message, number - next);
        next = number + 1;
      }
    }
    endSection();
  }

  private void addBitmap(long owner, int flags, long[] words, int firstByte, int endByte) {
    int at = firstByte;
    while (at < endByte) {
      beginSection(owner, flags, Integer.BYTES + Math.min(endByte - at, PART_BYTES_MIN));
      message.putInt(8 * at);
      int end = at + Math.min(endByte - at, message.remaining());
      for (; at < end; at++) {
        message.put((byte) (words[at / 8] >>> (8 * (at % 8))));
      }
      endSection();
    }
  }

  /** Begins a section, in the next message if less than {@code bytesMin} would remain in this. */
  private void beginSection(long owner, int flags, int bytesMin) {
    if (message.remaining() < BeatNumbers.HEAD_BYTES + bytesMin) {
      send();
    }
    sections++;
    sectionAt = message.position();
    message.putLong(owner).put((byte) flags).putInt(0);
  }

  private void endSection() {
    int lengthAt = sectionAt + BeatNumbers.HEAD_BYTES - Integer.BYTES;
    message.putInt(lengthAt, message.position() - lengthAt - Integer.BYTES);
  }

  private void send() {
    message.putShort(sectionsAt, (short) sections);
    sender.accept(Arrays.copyOf(message.array(), message.position()));
    sections = 0;
    message.position(sectionsAt + Short.BYTES);
  }

  /** Returns the number of renewals added in this window. */
  public long renewals() {
    return renewals;
  }

  /** Ends the window: sends the last message, which has no numbers if none were added. */
  public void end() {
    send();
  }
}
