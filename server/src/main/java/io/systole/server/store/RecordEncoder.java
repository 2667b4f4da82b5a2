// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Bytes being put together: frames, and the numbers and texts in them. For one thread. */
final class RecordEncoder {
  private static final int USUAL_BYTES = 16 * 1024;

  /** Room above is given back when the buffer is cleared: one large record took it. */
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

  /** Drops everything from this place on. */
  void truncate(int at) {
    size = at;
  }

  /** Begins a frame; returns its place, for {@link #endFrame}. */
  int beginFrame() {
    int at = size;
    reserve(FrameLayout.HEAD_BYTES);
    size += FrameLayout.HEAD_BYTES;
    return at;
  }

  /** Bytes put since the frame at that place began. */
  int payloadLength(int at) {
    return size - at - FrameLayout.HEAD_BYTES;
  }

  /**
   * Ends the frame that began there: what was put since is its payload.
   *
   * @throws IllegalStateException when it is one that readers refuse
   */
  void endFrame(int at, long salt) {
    int length = payloadLength(at);
    if (length > FrameLayout.PAYLOAD_BYTES_MAX) {
      throw new IllegalStateException("a payload of " + length + " bytes is over the bound of "
          + FrameLayout.PAYLOAD_BYTES_MAX);
    }
    FrameLayout.putHead(crc, salt, bytes, at, length);
  }

  void putByte(int value) {
    reserve(1);
    bytes[size++] = (byte) value;
  }

  void putBytes(byte[] source, int from, int length) {
    reserve(length);
    System.arraycopy(source, from, bytes, size, length);
    size += length;
  }

  /** Seven bits a byte, the lowest first: short for small numbers, ten bytes for negative ones. */
  void putNumber(long value) {
    reserve(10);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes[size++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[size++] = (byte) rest;
  }

  /** One more than the length in UTF-8, then the text; 0 stands for null. */
  void putText(@Nullable String text) {
    if (text == null) {
      putByte(0);
      return;
    }
    byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
    putText(encoded, 0, encoded.length);
  }

  /** Puts a text that stands there in UTF-8. */
  void putText(byte[] source, int from, int length) {
    putNumber(length + 1L);
    putBytes(source, from, length);
  }

  /** A copy of all that was put. */
  byte[] copy() {
    return Arrays.copyOf(bytes, size);
  }

  void putTexts(Map<String, String> texts) {
    putNumber(texts.size());
    texts.forEach((name, value) -> {
      putText(name);
      putText(value);
    });
  }

  private void reserve(int more) {
    if (size + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + more));
    }
  }
}
