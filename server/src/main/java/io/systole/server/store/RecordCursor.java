// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads what {@link RecordBuffer} put together. For one thread. */
final class RecordCursor {
  /** Room is made ahead for as many: a damaged count must not take all there is. */
  private static final int EXPECTED_TEXTS_MAX = 64;

  /** The greatest version: every number up to it is exact in JavaScript. */
  private static final long VERSION_MAX = 1L << 53;

  private final SeenTexts seen;
  private byte[] bytes = {};
  private int at;
  private int end;

  RecordCursor(SeenTexts seen) {
    this.seen = seen;
  }

  /** Goes to the first of these bytes. */
  RecordCursor over(byte[] source, int from, int length) {
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

  int takeByte() throws BadRecord {
    if (at == end) {
      throw new BadRecord("ends within a member");
    }
    return bytes[at++] & 0xff;
  }

  long takeNumber() throws BadRecord {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      int next = takeByte();
      value |= (long) (next & 0x7f) << shift;
      if (next < 0x80) {
        return value;
      }
    }
    throw new BadRecord("a number of more than ten bytes");
  }

  /** A version of the registry; one out of range would be counted on from. */
  long takeVersion() throws BadRecord {
    long version = takeNumber();
    if (version < 0 || version > VERSION_MAX) {
      throw new BadRecord("version " + version + " is not within 0.." + VERSION_MAX);
    }
    return version;
  }

  int takeInt() throws BadRecord {
    return (int) takeNumber();
  }

  /** How many things follow, each of which takes at least one byte. */
  int takeCount() throws BadRecord {
    long count = takeNumber();
    if (count < 0 || count > end - at) {
      throw new BadRecord("a count of " + count + " with " + (end - at) + " bytes left");
    }
    return (int) count;
  }

  @Nullable
  String takeText() throws BadRecord {
    long lengthAndOne = takeNumber();
    if (lengthAndOne == 0) {
      return null;
    }
    if (lengthAndOne < 0 || lengthAndOne - 1 > end - at) {
      throw new BadRecord(
          "a text of " + (lengthAndOne - 1) + " bytes with " + (end - at) + " left");
    }
    int length = (int) lengthAndOne - 1;
    String text = seen.of(bytes, at, length);
    at += length;
    return text;
  }

  /** A text that can't be null. */
  String takeSomeText() throws BadRecord {
    String text = takeText();
    if (text == null) {
      throw new BadRecord("no text where one must be");
    }
    return text;
  }

  Map<String, String> takeTexts() throws BadRecord {
    int count = takeCount();
    if (count == 0) {
      return Map.of();
    }
    Map<String, String> texts = new LinkedHashMap<>(2 * Math.min(count, EXPECTED_TEXTS_MAX));
    for (int i = 0; i < count; i++) {
      texts.put(takeSomeText(), takeSomeText());
    }
    return texts;
  }
}
