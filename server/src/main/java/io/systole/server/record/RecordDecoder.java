// SPDX-License-Identifier: Apache-2.0
package io.systole.server.record;

import io.systole.protocol.model.StringInterner;
import io.systole.protocol.model.StringMap;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A decoder of the output of {@link RecordEncoder}. Not thread-safe. */
public final class RecordDecoder {
  /** Limit on entries allocated ahead: a damaged count must not exhaust the heap. */
  private static final int EXPECTED_TEXTS_MAX = 64;

  /** The greatest valid version: all numbers up to it are exact in JavaScript. */
  private static final long VERSION_MAX = 1L << 53;

  private static final long TOP_BITS = 0x8080808080808080L;
  private static final VarHandle WORD =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final StringInterner interner;

  /** Null until a document is decoded, which most messages of a cluster do not contain. */
  private @Nullable RecordEncoder scratch;

  private byte[] bytes = {};
  private int position;
  private int end;

  /**
   * Creates a decoder without bytes.
   *
   * @param interner shares equal texts among decoders
   */
  public RecordDecoder(StringInterner interner) {
    this.interner = interner;
  }

  /** Sets the bytes to decode, which are not copied. Returns this decoder. */
  public RecordDecoder wrap(byte[] source, int from, int length) {
    bytes = source;
    position = from;
    end = from + length;
    return this;
  }

  /** Returns whether all bytes are decoded. */
  public boolean isAtEnd() {
    return position == end;
  }

  /** Returns the number of bytes that are not decoded yet. */
  public int remaining() {
    return end - position;
  }

  /** Returns the index of the next byte in the source array. */
  public int position() {
    return position;
  }

  /** Reads a byte, 0..255. */
  public int readByte() throws CorruptRecordException {
    if (position == end) {
      throw new CorruptRecordException("record ends within a field");
    }
    return bytes[position++] & 0xff;
  }

  /** Reads eight bytes, big-endian. */
  public long readLong() throws CorruptRecordException {
    if (end - position < Long.BYTES) {
      throw new CorruptRecordException("record ends within a field");
    }
    long value = (long) LONG.get(bytes, position);
    position += Long.BYTES;
    return value;
  }

  /** Reads a varint; bits above the 64th are dropped. */
  public long readVarint() throws CorruptRecordException {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      int next = readByte();
      value |= (long) (next & 0x7f) << shift;
      if (next < 0x80) {
        return value;
      }
    }
    throw new CorruptRecordException("varint of more than ten bytes");
  }

  /**
   * Reads a registry version. The range is checked since the registry would continue counting from
   * it.
   */
  public long readVersion() throws CorruptRecordException {
    long version = readVarint();
    if (version < 0 || version > VERSION_MAX) {
      throw new CorruptRecordException("version " + version + " is not within 0.." + VERSION_MAX);
    }
    return version;
  }

  /** Reads the lowest 32 bits of a varint. */
  public int readInt() throws CorruptRecordException {
    return (int) readVarint();
  }

  /** Reads the number of elements that follow, each of which takes at least one byte. */
  public int readCount() throws CorruptRecordException {
    long count = readVarint();
    if (count < 0 || count > end - position) {
      throw new CorruptRecordException(
          "count of " + count + " with " + (end - position) + " bytes left");
    }
    return (int) count;
  }

  /** Reads a text or null. */
  public @Nullable String readText() throws CorruptRecordException {
    int length = readLength();
    return length < 0 ? null : text(length);
  }

  /** Reads the length of a text; negative for null. */
  private int readLength() throws CorruptRecordException {
    long lengthAndOne = readVarint();
    if (lengthAndOne < 0 || lengthAndOne - 1 > end - position) {
      throw new CorruptRecordException(
          "text of " + (lengthAndOne - 1) + " bytes with " + (end - position) + " left");
    }
    return (int) lengthAndOne - 1;
  }

  private String text(int length) {
    String text = interner.intern(bytes, position, length);
    position += length;
    return text;
  }

  /** Copies a text to {@code out}, without creating a string if it is ASCII. */
  public void readText(RecordEncoder out) throws CorruptRecordException {
    int length = readLength();
    if (length < 0) {
      out.writeText(null);
    } else if (isAscii(bytes, position, position + length)) {
      out.writeText(bytes, position, length);
      position += length;
    } else {
      out.writeText(text(length));
    }
  }

  private static boolean isAscii(byte[] bytes, int from, int to) {
    int index = from;
    for (; index + Long.BYTES <= to; index += Long.BYTES) {
      if (((long) WORD.get(bytes, index) & TOP_BITS) != 0) {
        return false;
      }
    }
    for (; index < to; index++) {
      if (bytes[index] < 0) {
        return false;
      }
    }
    return true;
  }

  /** Returns an empty buffer for texts assembled while a record is read. */
  public RecordEncoder scratch() {
    RecordEncoder empty = scratch;
    if (empty == null) {
      empty = new RecordEncoder();
      scratch = empty;
    }
    empty.clear();
    return empty;
  }

  /** Reads a text that must not be null. */
  public String readRequiredText() throws CorruptRecordException {
    String text = readText();
    if (text == null) {
      throw new CorruptRecordException("required text is null");
    }
    return text;
  }

  /** Reads a map, in order; the last of equal names wins. */
  public Map<String, String> readMap() throws CorruptRecordException {
    int count = readCount();
    if (count == 0) {
      return Map.of();
    }
    if (count > EXPECTED_TEXTS_MAX) {
      return readLargeMap(count);
    }
    String[] pairs = new String[2 * count];
    for (int i = 0; i < pairs.length; i++) {
      pairs[i] = readRequiredText();
    }
    StringMap texts = StringMap.ofDistinct(pairs);
    return texts == null ? lastOfEachName(pairs) : texts;
  }

  private static Map<String, String> lastOfEachName(String[] pairs) {
    Map<String, String> texts = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      texts.put(pairs[i], pairs[i + 1]);
    }
    return texts;
  }

  private Map<String, String> readLargeMap(int count) throws CorruptRecordException {
    Map<String, String> texts = new LinkedHashMap<>(2 * EXPECTED_TEXTS_MAX);
    for (int i = 0; i < count; i++) {
      texts.put(readRequiredText(), readRequiredText());
    }
    return texts;
  }
}
