// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** A growable buffer of frames, and of the varints and texts in them. Not thread-safe. */
final class RecordEncoder {
  private static final int USUAL_BYTES = 16 * 1024;

  /** Limit on the capacity kept by {@link #clear}: one large record may have grown the buffer. */
  private static final int KEPT_BYTES_MAX = 1 << 20;

  private byte[] bytes = new byte[USUAL_BYTES];
  private int size;
  private final CRC32C crc = new CRC32C();

  byte[] array() {
    return bytes;
  }

  int size() {
    return size;
  }

  void clear() {
    size = 0;
    if (bytes.length > KEPT_BYTES_MAX) {
      bytes = new byte[USUAL_BYTES];
    }
  }

  /** Discards everything from a position on. */
  void truncate(int at) {
    size = at;
  }

  /** Begins a frame; returns its position, for {@link #endFrame}. */
  int beginFrame() {
    int at = size;
    reserve(FrameLayout.HEAD_BYTES);
    size += FrameLayout.HEAD_BYTES;
    return at;
  }

  /** Returns the bytes written since the frame at that position began. */
  int payloadLength(int at) {
    return size - at - FrameLayout.HEAD_BYTES;
  }

  /**
   * Ends a frame; the bytes written since it began are its payload.
   *
   * @throws IllegalStateException if the payload is larger than readers accept
   */
  void endFrame(int at, long salt) {
    int length = payloadLength(at);
    if (length > FrameLayout.PAYLOAD_BYTES_MAX) {
      throw new IllegalStateException(
          "payload of " + length + " bytes exceeds the limit of " + FrameLayout.PAYLOAD_BYTES_MAX);
    }
    FrameLayout.writeHead(crc, salt, bytes, at, length);
  }

  void writeByte(int value) {
    reserve(1);
    bytes[size++] = (byte) value;
  }

  void writeBytes(byte[] source, int from, int length) {
    reserve(length);
    System.arraycopy(source, from, bytes, size, length);
    size += length;
  }

  /** Writes a varint: seven bits a byte, lowest first. Negative numbers take ten bytes. */
  void writeVarint(long value) {
    reserve(10);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes[size++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[size++] = (byte) rest;
  }

  /** Writes the length in UTF-8 plus 1, then the text; 0 for null. */
  void writeText(@Nullable String text) {
    if (text == null) {
      writeByte(0);
      return;
    }
    byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
    writeText(encoded, 0, encoded.length);
  }

  /** Writes a text that is already in UTF-8. */
  void writeText(byte[] source, int from, int length) {
    writeVarint(length + 1L);
    writeBytes(source, from, length);
  }

  /** Returns a copy of the bytes written. */
  byte[] copy() {
    return Arrays.copyOf(bytes, size);
  }

  void writeMap(Map<String, String> texts) {
    writeVarint(texts.size());
    texts.forEach((name, value) -> {
      writeText(name);
      writeText(value);
    });
  }

  private void reserve(int more) {
    if (size + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + more));
    }
  }
}
