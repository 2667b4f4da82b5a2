// SPDX-License-Identifier: Apache-2.0
package io.systole.server.record;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A growable buffer of records: varints, texts and maps. Not thread-safe. */
public class RecordEncoder {
  private static final int USUAL_BYTES = 16 * 1024;

  /** The maximum capacity kept by {@link #clear}: one large record may have grown the buffer. */
  private static final int KEPT_BYTES_MAX = 1 << 20;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private byte[] bytes = new byte[USUAL_BYTES];
  private int size;

  /** Creates an empty buffer. */
  public RecordEncoder() {}

  /** Returns the buffer itself, whose first {@link #size} bytes are the records. */
  public final byte[] array() {
    return bytes;
  }

  /** Returns the number of bytes written. */
  public final int size() {
    return size;
  }

  /** Discards all bytes. */
  public final void clear() {
    size = 0;
    if (bytes.length > KEPT_BYTES_MAX) {
      bytes = new byte[USUAL_BYTES];
    }
  }

  /** Discards everything from a position on. */
  public final void truncate(int at) {
    size = at;
  }

  /** Appends bytes to be set later through {@link #array}. */
  public final void skip(int length) {
    reserve(length);
    size += length;
  }

  /** Appends the lowest eight bits. */
  public final void writeByte(int value) {
    reserve(1);
    bytes[size++] = (byte) value;
  }

  /** Writes bytes as they are. */
  public final void writeBytes(byte[] source, int from, int length) {
    reserve(length);
    System.arraycopy(source, from, bytes, size, length);
    size += length;
  }

  /** Writes eight bytes, big-endian. */
  public final void writeLong(long value) {
    reserve(Long.BYTES);
    LONG.set(bytes, size, value);
    size += Long.BYTES;
  }

  /** Writes a varint: seven bits a byte, lowest first. Negative numbers take ten bytes. */
  public final void writeVarint(long value) {
    reserve(10);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes[size++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[size++] = (byte) rest;
  }

  /** Writes the length in UTF-8 plus 1, then the text; 0 for null. */
  public final void writeText(@Nullable String text) {
    if (text == null) {
      writeByte(0);
      return;
    }
    byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
    writeText(encoded, 0, encoded.length);
  }

  /** Writes a text that is already in UTF-8. */
  public final void writeText(byte[] source, int from, int length) {
    writeVarint(length + 1L);
    writeBytes(source, from, length);
  }

  /** Returns a copy of the bytes written. */
  public final byte[] copy() {
    return Arrays.copyOf(bytes, size);
  }

  /** Writes the size as a varint, then names and values as texts. */
  public final void writeMap(Map<String, String> texts) {
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
