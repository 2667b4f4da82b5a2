// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Walks the whole frames of a file, passing over what is damaged and reporting it. For one thread.
 */
final class FrameReader implements AutoCloseable {
  /*
   * A window of the file moves along. Where no whole frame begins, the next one is looked for byte
   * by byte; the salt in the checksum lets nothing but a frame of this very file be found.
   */

  /** A document is at most 1 MiB of text, and a snapshot's block ends soon after 64 KiB. */
  static final int PAYLOAD_BYTES_MAX = 4 << 20;

  private static final int WINDOW_BYTES = 256 * 1024;
  private static final int HEAD = RecordBuffer.FRAME_HEAD_BYTES;

  /** Not a fault: the file ends here. */
  private static final String END = "";

  private final String name;
  private final FileChannel channel;
  private final Consumer<Flaw> flaws;
  private final FileHeader header;
  private final CRC32C crc = new CRC32C();
  private byte[] window;
  private int at;
  private int end;

  /** The file's offset of the window's first byte. */
  private long windowOffset;

  private int payloadLength;

  private FrameReader(String name, FileChannel channel, FileHeader header, Consumer<Flaw> flaws)
      throws IOException {
    this.name = name;
    this.channel = channel;
    this.header = header;
    this.flaws = flaws;
    this.windowOffset = FileHeader.BYTES;
    this.window = new byte[(int) Math.min(WINDOW_BYTES, HEAD + channel.size())];
  }

  /**
   * Opens a file of that kind.
   *
   * @param flaws is told what can't be read; a header beyond reading stands for an empty file
   * @throws NewerFormat when a later release wrote it
   */
  static FrameReader open(Path file, FileHeader.Kind kind, Consumer<Flaw> flaws)
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
        boolean isTail = channel.size() < FileHeader.BYTES;
        flaws.accept(new Flaw(name, 0, channel.size(), "no whole header", isTail));
        header = new FileHeader(kind, FileHeader.FORMAT, 0, 0, new byte[0]);
        channel.position(channel.size());
      } else if (header.format() > FileHeader.FORMAT) {
        throw new NewerFormat(name, header.format());
      } else {
        reportDamagedCopies(name, head.array(), head.position(), kind, flaws);
        channel.position(FileHeader.BYTES);
      }
      return new FrameReader(name, channel, header, flaws);
    } catch (IOException failure) {
      channel.close();
      throw failure;
    }
  }

  private static void reportDamagedCopies(
      String name, byte[] head, int size, FileHeader.Kind kind, Consumer<Flaw> flaws) {
    for (int at = 0; at < FileHeader.BYTES; at += FileHeader.COPY_BYTES) {
      int length = Math.max(0, Math.min(FileHeader.COPY_BYTES, size - at));
      byte[] copy = Arrays.copyOf(Arrays.copyOfRange(head, at, at + length), FileHeader.COPY_BYTES);
      if (FileHeader.decode(copy, copy.length, kind) == null) {
        boolean isTail = length < FileHeader.COPY_BYTES;
        flaws.accept(new Flaw(name, at, length, "one of two headers is damaged", isTail));
      }
    }
  }

  FileHeader header() {
    return header;
  }

  /** Goes to the next whole frame; false when there is none. */
  boolean next() throws IOException {
    at += payloadLength;
    payloadLength = 0;
    String reason = frameFault();
    if (reason == null) {
      return true;
    }
    if (reason.equals(END)) {
      return false;
    }
    long from = windowOffset + at;
    do {
      at++;
      String fault = frameFault();
      if (fault == null) {
        long to = windowOffset + at - HEAD;
        flaws.accept(new Flaw(name, from, to - from, reason, false));
        return true;
      }
      if (fault.equals(END)) {
        flaws.accept(new Flaw(name, from, windowOffset + at - from, reason, true));
        return false;
      }
    } while (true);
  }

  /**
   * Enters the frame that begins here, and returns null; else says why there is none, {@link #END}
   * where the file ends.
   */
  private @Nullable String frameFault() throws IOException {
    if (!has(HEAD)) {
      return end == at ? END : "a frame's head is cut short";
    }
    int length = ByteBuffer.wrap(window).getInt(at);
    if (length < 1 || length > PAYLOAD_BYTES_MAX) {
      return "a length of " + length + " is not within 1.." + PAYLOAD_BYTES_MAX;
    }
    if (!has(HEAD + length)) {
      return "a frame of " + length + " bytes is cut short at "
          + (channel.size() - windowOffset - at - HEAD);
    }
    int stated = ByteBuffer.wrap(window).getInt(at + 4);
    if (stated != RecordBuffer.checksum(crc, header.salt(), window, at, length)) {
      return "the checksum of " + length + " bytes is wrong";
    }
    at += HEAD;
    payloadLength = length;
    return null;
  }

  /** Whether the file has so many bytes from here on; then the window has them. */
  private boolean has(int count) throws IOException {
    if (end - at >= count) {
      return true;
    }
    if (windowOffset + at + count > channel.size()) {
      // Not all of it is there; still, what there is must be known to its end.
      fill(Math.min(count, HEAD));
      return false;
    }
    fill(count);
    return end - at >= count;
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
        return;
      }
      end += read;
    }
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

  /** Reports that the payload can't be read, though its checksum is right. */
  void reject(BadRecord why) {
    flaws.accept(new Flaw(
        name,
        windowOffset + at - HEAD,
        HEAD + (long) payloadLength,
        String.valueOf(why.getMessage()),
        false));
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
