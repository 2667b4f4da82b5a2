// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Walks the whole frames of a file, passing over what is damaged and reporting it. For one thread.
 */
final class FrameReader implements AutoCloseable {
  /*
   * A window of the file moves along. A head whose check is right has a length that can be relied
   * on, so a damaged payload is passed over as a whole when a frame, or the end, stands right behind
   * it. Else the next frame is searched for byte by byte, by the check of its head alone. Payloads
   * are checksummed in vain only up to a multiple of the file's size; then the rest is given up.
   * Thus a file costs time linear in its size, whatever stands in it. Heads of format 1 have no
   * check: there the multiple is what bounds the search.
   */

  /** Bytes checksummed in vain at most, as a multiple of the file's. */
  static final int VAIN_BYTES_FACTOR = 4;

  private static final int WINDOW_BYTES = 256 * 1024;

  /**
   * The reason why no whole frame begins at a place.
   *
   * @param stride bytes to the next place where one may begin
   * @param isTorn whether a write that was cut short may have left it
   */
  private record Fault(String reason, long stride, boolean isTorn) {
    boolean isEnd() {
      return stride == 0;
    }
  }

  /** Not a fault: the file ends here. */
  private static final Fault END = new Fault("", 0, false);

  private static final Fault NO_HEAD = new Fault("no record begins here", 1, true);

  private final String name;
  private final FileChannel channel;
  private final ReadListener listener;
  private final FileHeader header;
  private final int headBytes;
  private final long vainBytesMax;
  private final CRC32C crc = new CRC32C();
  private byte[] window;
  private int at;
  private int end;

  /** The file's offset of the window's first byte. */
  private long windowOffset;

  private int payloadLength;
  private long checksummedBytes;
  private long vainBytes;

  private FrameReader(String name, FileChannel channel, FileHeader header, ReadListener listener)
      throws IOException {
    this.name = name;
    this.channel = channel;
    this.header = header;
    this.listener = listener;
    this.headBytes = FrameLayout.headBytes(header.format());
    this.vainBytesMax = VAIN_BYTES_FACTOR * channel.size() + FrameLayout.PAYLOAD_BYTES_MAX;
    this.windowOffset = channel.position();
    this.window = new byte[(int) Math.min(WINDOW_BYTES, headBytes + channel.size())];
  }

  /**
   * Opens a file of that kind.
   *
   * @param listener receives what can't be read; a header beyond reading stands for an empty file
   * @throws UnsupportedFormatException when a later release wrote it
   */
  static FrameReader open(Path file, FileHeader.Kind kind, ReadListener listener)
      throws IOException {
    String name = String.valueOf(file.getFileName());
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      ByteBuffer head = ByteBuffer.allocate(FileHeader.BYTES);
      while (head.hasRemaining() && channel.read(head) >= 0) {
        // Until it is full or the file ends.
      }
      FileHeader header = FileHeader.decode(head.array(), head.position(), kind);
      if (header == null) {
        boolean isTail = kind == FileHeader.Kind.JOURNAL && channel.size() < FileHeader.BYTES;
        listener.damaged(new CorruptRange(name, 0, channel.size(), "no whole header", isTail));
        header = new FileHeader(kind, FileHeader.FORMAT, 0, 0, 0);
        channel.position(channel.size());
      } else if (header.format() > FileHeader.FORMAT) {
        throw new UnsupportedFormatException(name, header.format());
      } else {
        reportDamagedCopies(name, head.array(), head.position(), kind, listener);
        channel.position(FileHeader.BYTES);
      }
      return new FrameReader(name, channel, header, listener);
    } catch (IOException failure) {
      channel.close();
      throw failure;
    }
  }

  private static void reportDamagedCopies(
      String name, byte[] head, int size, FileHeader.Kind kind, ReadListener listener) {
    for (int at = 0; at < FileHeader.BYTES; at += FileHeader.COPY_BYTES) {
      int length = Math.max(0, Math.min(FileHeader.COPY_BYTES, size - at));
      byte[] copy = Arrays.copyOf(Arrays.copyOfRange(head, at, at + length), FileHeader.COPY_BYTES);
      if (FileHeader.decode(copy, copy.length, kind) == null) {
        boolean isTail = kind == FileHeader.Kind.JOURNAL && length < FileHeader.COPY_BYTES;
        listener.damaged(
            new CorruptRange(name, at, length, "one of two headers is damaged", isTail));
      }
    }
  }

  FileHeader header() {
    return header;
  }

  /** Goes on from this offset of the file, where a frame begins. */
  void seek(long offset) throws IOException {
    payloadLength = 0;
    skip(Math.max(0, offset - windowOffset - at));
  }

  /** Goes to the next whole frame; false when there is none. */
  boolean next() throws IOException {
    at += payloadLength;
    payloadLength = 0;
    Fault fault = enter();
    if (fault == null) {
      return true;
    }
    return !fault.isEnd() && search(fault);
  }

  /** Goes to the next whole frame from a place where none begins; reports what is in between. */
  private boolean search(Fault first) throws IOException {
    long from = windowOffset + at;
    Fault fault = first;
    while (!fault.isEnd() && vainBytes <= vainBytesMax) {
      skip(fault.stride);
      fault = enter();
      if (fault == null) {
        long length = frameOffset() - from;
        listener.damaged(new CorruptRange(name, from, length, first.reason, false));
        return true;
      }
    }
    boolean isGivenUp = !fault.isEnd();
    boolean isTail = first.isTorn && !isGivenUp && header.kind() == FileHeader.Kind.JOURNAL;
    String reason = isGivenUp
        ? first.reason + "; so much is damaged that the rest was not searched"
        : first.reason;
    listener.damaged(new CorruptRange(name, from, channel.size() - from, reason, isTail));
    skip(channel.size() - windowOffset - at);
    return false;
  }

  /** Enters the frame that begins here, and returns null; else returns why there is none. */
  private @Nullable Fault enter() throws IOException {
    if (!has(headBytes)) {
      return end == at ? END : new Fault("the head of a record is cut short", end - at, true);
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
          "a record of " + length + " bytes is over the bound of " + FrameLayout.PAYLOAD_BYTES_MAX,
          header.format() == 1 ? 1 : headBytes + (long) length,
          false);
    }
    if (!has(headBytes + length)) {
      return new Fault(
          "a record of " + length + " bytes is cut short at "
              + (channel.size() - windowOffset - at - headBytes),
          1,
          true);
    }
    checksummedBytes += length;
    if (checksum != FrameLayout.checksum(crc, header.salt(), length, window, at + headBytes)) {
      vainBytes += length;
      long stride = isFollowed(headBytes + length) ? headBytes + (long) length : 1;
      return new Fault("the checksum of " + length + " bytes is wrong", stride, true);
    }
    at += headBytes;
    payloadLength = length;
    return null;
  }

  /** Whether a frame's head stands so many bytes from here, or the file ends there. */
  private boolean isFollowed(int bytes) throws IOException {
    if (header.format() == 1) {
      return false;
    }
    if (!has(bytes + headBytes)) {
      return windowOffset + at + bytes == channel.size();
    }
    ByteBuffer head = ByteBuffer.wrap(window);
    int length = head.getInt(at + bytes);
    int checksum = head.getInt(at + bytes + headBytes - Integer.BYTES);
    return head.getInt(at + bytes + 4) == FrameLayout.check(length, checksum, header.salt());
  }

  /** Whether the file has so many bytes from here on; then the window has them. */
  private boolean has(int count) throws IOException {
    if (end - at >= count) {
      return true;
    }
    if (windowOffset + at + count > channel.size()) {
      // Not all of it is there; still, what there is must be known to its end.
      fill(Math.min(count, headBytes));
      return false;
    }
    fill(count);
    return end - at >= count;
  }

  /** Moves on, also beyond the window. */
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

  /** Bytes of payloads that were checksummed. */
  long checksummedBytes() {
    return checksummedBytes;
  }

  /** What the payload stands in. Changes with the next call of {@link #next}. */
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

  /** The file's offset of the frame that was entered. */
  long frameOffset() {
    return windowOffset + at - headBytes;
  }

  /** A flaw of the frame that was entered: its checksum is right, and it can't be read. */
  CorruptRange corruptRange(CorruptRecordException why) {
    String reason = String.valueOf(why.getMessage());
    return new CorruptRange(name, frameOffset(), headBytes + (long) payloadLength, reason, false);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
