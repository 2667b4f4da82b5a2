// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Bytes being put together: frames, and the numbers and texts in them. For one thread. */
final class RecordBuffer {
  /** Length and checksum stand before each payload. */
  static final int FRAME_HEAD_BYTES = 8;

  private static final int USUAL_BYTES = 16 * 1024;

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
  }

  /** Begins a frame; gives where, for {@link #endFrame}. */
  int beginFrame() {
    int at = size;
    reserve(FRAME_HEAD_BYTES);
    size += FRAME_HEAD_BYTES;
    return at;
  }

  /** Ends the frame that began there: what was put since is its payload. */
  void endFrame(int at, byte[] salt) {
    int length = size - at - FRAME_HEAD_BYTES;
    ByteBuffer head = ByteBuffer.wrap(bytes);
    head.putInt(at, length);
    head.putInt(at + 4, checksum(crc, salt, bytes, at, length));
  }

  /**
   * The checksum of the frame at that place. The salt is a secret of its file, so that no text that
   * a client registers can pass for a frame.
   */
  static int checksum(CRC32C crc, byte[] salt, byte[] bytes, int at, int length) {
    crc.reset();
    crc.update(salt, 0, salt.length);
    crc.update(bytes, at, 4);
    crc.update(bytes, at + FRAME_HEAD_BYTES, length);
    return (int) crc.getValue();
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
    putNumber(encoded.length + 1L);
    putBytes(encoded, 0, encoded.length);
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
