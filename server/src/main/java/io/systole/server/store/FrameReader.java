// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.server.record.CorruptRecordException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Iterates over the valid frames of a file; skips and reports damaged ranges. Not thread-safe. */
final class FrameReader implements AutoCloseable {
  /*
   * The file is read through a sliding window. If the check of a head is valid, its length is too,
   * so a damaged payload is skipped as a whole when another head or the end of the file follows it.
   * Otherwise the reader scans for the next frame byte by byte, by the check of the head alone. The
   * bytes of payloads whose checksum turns out wrong are limited to a multiple of the file size;
   * beyond that, the rest of the file is abandoned. So reading takes time linear in the file size,
   * regardless of its content. Heads of format 1 have no check: there only the multiple limits the
   * scan.
   */

  /** Limit on bytes of payloads with a wrong checksum, as a multiple of the file size. */
  static final int REJECTED_BYTES_FACTOR = 4;

  private static final int WINDOW_BYTES = 256 * 1024;

  /**
   * The reason why no valid frame starts at an offset.
   *
   * @param stride bytes to the next offset at which a frame may start; 0 at the end of the file
   * @param isTorn true if a torn write may be the cause
   */
  private record Fault(String reason, long stride, boolean isTorn) {
    boolean isEnd() {
      return stride == 0;
    }
  }

  /** Not a fault: the end of the file. */
  private static final Fault END = new Fault("", 0, false);

  private static final Fault NO_HEAD = new Fault("no record starts here", 1, true);

  private final String name;
  private final FileChannel channel;
  private final ReadListener listener;
  private final FileHeader header;
  private final int headBytes;
  private final long rejectedBytesMax;
  private final CRC32C crc = new CRC32C();
  private byte[] window;
  private int at;
  private int end;

  /** File offset of the first byte of the window. */
  private long windowOffset;

  private int payloadLength;
  private long checksummedBytes;
  private long rejectedBytes;

  private FrameReader(String name, FileChannel channel, FileHeader header, ReadListener listener)
      throws IOException {
    this.name = name;
    this.channel = channel;
    this.header = header;
    this.listener = listener;
    this.headBytes = FrameLayout.headBytes(header.format());
    this.rejectedBytesMax = REJECTED_BYTES_FACTOR * channel.size() + FrameLayout.PAYLOAD_BYTES_MAX;
    this.windowOffset = channel.position();
    this.window = new byte[(int) Math.min(WINDOW_BYTES, headBytes + channel.size())];
  }

  /**
   * Opens a file of the given kind.
   *
   * @param listener receives the ranges that can't be read; a file without a valid header is
   *     treated as empty
   * @throws UnsupportedFormatException if a later release wrote the file
   */
  static FrameReader open(Path file, FileHeader.Kind kind, ReadListener listener)
      throws IOException {
    String name = String.valueOf(file.getFileName());
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      FileHeader header = FileHeader.read(channel, name, kind, listener);
      return new FrameReader(name, channel, header, listener);
    } catch (IOException failure) {
      channel.close();
      throw failure;
    }
  }

  FileHeader header() {
    return header;
  }

  /** Continues at a file offset at which a frame starts. */
  void seek(long offset) throws IOException {
    payloadLength = 0;
    skip(Math.max(0, offset - windowOffset - at));
  }

  /** Advances to the next valid frame; returns false if there is none. */
  boolean next() throws IOException {
    at += payloadLength;
    payloadLength = 0;
    Fault fault = enterFrame();
    if (fault == null) {
      return true;
    }
    return !fault.isEnd() && scan(fault);
  }

  /**
   * Scans for the next valid frame from an offset where none starts; reports the range in between.
   */
  private boolean scan(Fault first) throws IOException {
    long from = windowOffset + at;
    Fault fault = first;
    while (!fault.isEnd() && rejectedBytes <= rejectedBytesMax) {
      skip(fault.stride);
      fault = enterFrame();
      if (fault == null) {
        long length = frameOffset() - from;
        listener.damaged(new CorruptRange(name, from, length, first.reason, false));
        return true;
      }
    }
    boolean isAbandoned = !fault.isEnd();
    boolean isTail = first.isTorn && !isAbandoned && header.kind() == FileHeader.Kind.JOURNAL;
    String reason =
        isAbandoned ? first.reason + "; too much damage, the rest was not scanned" : first.reason;
    listener.damaged(new CorruptRange(name, from, channel.size() - from, reason, isTail));
    skip(channel.size() - windowOffset - at);
    return false;
  }

  /**
   * Enters the frame at the current offset and returns null, or returns the reason why there is
   * none.
   */
  private @Nullable Fault enterFrame() throws IOException {
    if (!fillTo(headBytes)) {
      return end == at ? END : new Fault("the head of a record is truncated", end - at, true);
    }
    ByteBuffer head = ByteBuffer.wrap(window);
    int length = head.getInt(at);
    int checksum = head.getInt(at + headBytes - Integer.BYTES);
    boolean isHead = length > 0
        && (header.format() == 1
            || head.getInt(at + 4) == FrameLayout.check(length, checksum, header.salt()));
    if (!isHead) {
      return NO_HEAD;
    }
    if (length > FrameLayout.PAYLOAD_BYTES_MAX) {
      return new Fault(
          "a record of " + length + " bytes exceeds the limit of " + FrameLayout.PAYLOAD_BYTES_MAX,
          header.format() == 1 ? 1 : headBytes + (long) length,
          false);
    }
    if (!fillTo(headBytes + length)) {
      return new Fault(
          "a record of " + length + " bytes is truncated after "
              + (channel.size() - windowOffset - at - headBytes),
          1,
          true);
    }
    checksummedBytes += length;
    if (checksum != FrameLayout.checksum(crc, header.salt(), length, window, at + headBytes)) {
      rejectedBytes += length;
      long stride = isFollowed(headBytes + length) ? headBytes + (long) length : 1;
      return new Fault("the checksum of " + length + " bytes is wrong", stride, true);
    }
    at += headBytes;
    payloadLength = length;
    return null;
  }

  /** Returns whether a valid head, or the end of the file, is that many bytes ahead. */
  private boolean isFollowed(int bytes) throws IOException {
    if (header.format() == 1) {
      return false;
    }
    if (!fillTo(bytes + headBytes)) {
      return windowOffset + at + bytes == channel.size();
    }
    ByteBuffer head = ByteBuffer.wrap(window);
    int length = head.getInt(at + bytes);
    int checksum = head.getInt(at + bytes + headBytes - Integer.BYTES);
    return head.getInt(at + bytes + 4) == FrameLayout.check(length, checksum, header.salt());
  }

  /** Fills the window with that many bytes from the current offset, if the file has them. */
  private boolean fillTo(int count) throws IOException {
    if (end - at >= count) {
      return true;
    }
    if (windowOffset + at + count > channel.size()) {
      // Short of that, fill what a head takes, so that the end of the file is seen.
      fill(Math.min(count, headBytes));
      return false;
    }
    fill(count);
    return end - at >= count;
  }

  /** Skips bytes, possibly beyond the window. */
  private void skip(long count) throws IOException {
    if (count <= end - at) {
      at += (int) count;
      return;
    }
    windowOffset = Math.min(windowOffset + at + count, channel.size());
    channel.position(windowOffset);
    at = 0;
    end = 0;
  }

  private void fill(int count) throws IOException {
    if (end - at >= count) {
      return;
    }
    byte[] target = count > window.length ? new byte[Math.max(count, 2 * window.length)] : window;
    System.arraycopy(window, at, target, 0, end - at);
    window = target;
    windowOffset += at;
    end -= at;
    at = 0;
    while (end < window.length) {
      int read = channel.read(ByteBuffer.wrap(window, end, window.length - end));
      if (read <= 0) {
        break;
      }
      end += read;
    }
    listener.advanced(name, windowOffset + end, channel.size());
  }

  /** Returns the number of payload bytes checksummed so far. */
  long checksummedBytes() {
    return checksummedBytes;
  }

  /** Returns the array that holds the payload. Valid until the next call of {@link #next}. */
  byte[] array() {
    return window;
  }

  int payloadFrom() {
    return at;
  }

  int payloadLength() {
    return payloadLength;
  }

  int headBytes() {
    return headBytes;
  }

  /** Returns the file offset of the current frame. */
  long frameOffset() {
    return windowOffset + at - headBytes;
  }

  /** Returns the range of the current frame, whose content is malformed. */
  CorruptRange corruptRange(CorruptRecordException exception) {
    String reason = String.valueOf(exception.getMessage());
    return new CorruptRange(name, frameOffset(), headBytes + (long) payloadLength, reason, false);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
