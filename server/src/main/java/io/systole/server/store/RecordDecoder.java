// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.protocol.model.StringInterner;
import io.systole.protocol.model.StringMap;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads what {@link RecordEncoder} put together. For one thread. */
final class RecordDecoder {
  /** Room is made ahead for as many: a damaged count must not take all there is. */
  private static final int EXPECTED_TEXTS_MAX = 64;

  /** The greatest version: every number up to it is exact in JavaScript. */
  private static final long VERSION_MAX = 1L << 53;

  private static final long TOP_BITS = 0x8080808080808080L;
  private static final VarHandle WORD =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private final StringInterner interner;
  private final RecordEncoder scratch = new RecordEncoder();
  private byte[] bytes = {};
  private int at;
  private int end;

  RecordDecoder(StringInterner interner) {
    this.interner = interner;
  }

  /** Goes to the first of these bytes. */
  RecordDecoder over(byte[] source, int from, int length) {
    bytes = source;
    at = from;
    end = from + length;
    return this;
  }

  boolean isAtEnd() {
    return at == end;
  }

  /** Index of the next byte in what it reads. */
  int position() {
    return at;
  }

  int takeByte() throws CorruptRecordException {
    if (at == end) {
      throw new CorruptRecordException("ends within a member");
    }
    return bytes[at++] & 0xff;
  }

  long takeNumber() throws CorruptRecordException {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      int next = takeByte();
      value |= (long) (next & 0x7f) << shift;
      if (next < 0x80) {
        return value;
      }
    }
    throw new CorruptRecordException("a number of more than ten bytes");
  }

  /** A version of the registry; one out of range would be counted on from. */
  long takeVersion() throws CorruptRecordException {
    long version = takeNumber();
    if (version < 0 || version > VERSION_MAX) {
      throw new CorruptRecordException("version " + version + " is not within 0.." + VERSION_MAX);
    }
    return version;
  }

  int takeInt() throws CorruptRecordException {
    return (int) takeNumber();
  }

  /** How many things follow, each of which takes at least one byte. */
  int takeCount() throws CorruptRecordException {
    long count = takeNumber();
    if (count < 0 || count > end - at) {
      throw new CorruptRecordException(
          "a count of " + count + " with " + (end - at) + " bytes left");
    }
    return (int) count;
  }

  @Nullable
  String takeText() throws CorruptRecordException {
    int length = takeLength();
    return length < 0 ? null : textOf(length);
  }

  /** Bytes of the text that follows; negative when it is null. */
  private int takeLength() throws CorruptRecordException {
    long lengthAndOne = takeNumber();
    if (lengthAndOne < 0 || lengthAndOne - 1 > end - at) {
      throw new CorruptRecordException(
          "a text of " + (lengthAndOne - 1) + " bytes with " + (end - at) + " left");
    }
    return (int) lengthAndOne - 1;
  }

  private String textOf(int length) {
    String text = interner.intern(bytes, at, length);
    at += length;
    return text;
  }

  /** Puts the text that follows to others, without making a string of it if it is ASCII. */
  void takeText(RecordEncoder others) throws CorruptRecordException {
    int length = takeLength();
    if (length < 0) {
      others.putText(null);
    } else if (isAscii(bytes, at, at + length)) {
      others.putText(bytes, at, length);
      at += length;
    } else {
      others.putText(textOf(length));
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

  /** An empty buffer, for texts that are put together while a record is read. */
  RecordEncoder scratch() {
    scratch.clear();
    return scratch;
  }

  /** A text that can't be null. */
  String takeSomeText() throws CorruptRecordException {
    String text = takeText();
    if (text == null) {
      throw new CorruptRecordException("no text where one must be");
    }
    return text;
  }

  Map<String, String> takeTexts() throws CorruptRecordException {
    int count = takeCount();
    if (count == 0) {
      return Map.of();
    }
    if (count > EXPECTED_TEXTS_MAX) {
      return takeManyTexts(count);
    }
    String[] pairs = new String[2 * count];
    for (int i = 0; i < pairs.length; i++) {
      pairs[i] = takeSomeText();
    }
    StringMap texts = StringMap.ofDistinct(pairs);
    return texts == null ? lastOfEach(pairs) : texts;
  }

  private static Map<String, String> lastOfEach(String[] pairs) {
    Map<String, String> texts = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      texts.put(pairs[i], pairs[i + 1]);
    }
    return texts;
  }

  private Map<String, String> takeManyTexts(int count) throws CorruptRecordException {
    Map<String, String> texts = new LinkedHashMap<>(2 * EXPECTED_TEXTS_MAX);
    for (int i = 0; i < count; i++) {
      texts.put(takeSomeText(), takeSomeText());
    }
    return texts;
  }
}
