// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A parser of server-sent events (WHATWG HTML) for bytes that arrive in parts: lines end with CR,
 * LF or both, an empty line ends the event. For one thread.
 */
final class SseParser {
  /**
   * An event.
   *
   * @param type empty if absent
   * @param id empty if absent
   * @param data its lines joined with LF
   */
  @SuppressWarnings("ArrayRecordComponent") // Read once, never compared.
  record Event(String type, String id, byte[] data) {}

  private static final int INITIAL_LINE_BYTES = 2_048;

  private final int eventBytesMax;
  private byte[] line = new byte[INITIAL_LINE_BYTES];
  private int lineBytes;
  private final ByteArrayOutputStream data = new ByteArrayOutputStream();
  private boolean hasData;
  private boolean isAfterCr;
  private String type = "";
  private String id = "";

  /** @param eventBytesMax limit of a line, and of the data of an event; at least 2,048 */
  SseParser(int eventBytesMax) {
    this.eventBytesMax = Math.max(INITIAL_LINE_BYTES, eventBytesMax);
  }

  /**
   * Reads bytes and passes on each complete event.
   *
   * @throws IOException if a line or an event is too long
   */
  void read(ByteBuffer bytes, Consumer<Event> callback) throws IOException {
    while (bytes.hasRemaining()) {
      byte next = bytes.get();
      boolean isSecondOfPair = next == '\n' && isAfterCr;
      isAfterCr = next == '\r';
      if (isSecondOfPair) {
        continue;
      }
      if (next != '\n' && next != '\r') {
        add(next);
        continue;
      }
      Event event = endLine();
      if (event != null) {
        callback.accept(event);
      }
    }
  }

  private void add(byte next) throws IOException {
    if (lineBytes == line.length) {
      requireBelowMax(lineBytes);
      line = Arrays.copyOf(line, Math.min(2 * lineBytes, eventBytesMax));
    }
    line[lineBytes++] = next;
  }

  private void requireBelowMax(int size) throws IOException {
    if (size >= eventBytesMax) {
      throw new IOException("event exceeds " + eventBytesMax + " bytes");
    }
  }

  private @Nullable Event endLine() throws IOException {
    byte[] bytes = Arrays.copyOf(line, lineBytes);
    lineBytes = 0;
    if (bytes.length == 0) {
      return endEvent();
    }
    int colon = indexOf((byte) ':', bytes);
    int from = colon + 1 < bytes.length && bytes[colon + 1] == ' ' ? colon + 2 : colon + 1;
    from = Math.min(from, bytes.length);
    switch (new String(bytes, 0, colon, StandardCharsets.UTF_8)) {
      case "event" -> type = text(bytes, from);
      case "id" -> id = text(bytes, from);
      case "data" -> addData(bytes, from);
      default -> {
        // A comment or an unused field.
      }
    }
    return null;
  }

  private @Nullable Event endEvent() {
    Event event = hasData ? new Event(type, id, data.toByteArray()) : null;
    type = "";
    id = "";
    hasData = false;
    data.reset();
    return event;
  }

  private void addData(byte[] bytes, int from) throws IOException {
    requireBelowMax(data.size() + bytes.length - from);
    if (hasData) {
      data.write('\n');
    }
    hasData = true;
    data.write(bytes, from, bytes.length - from);
  }

  private static String text(byte[] bytes, int from) {
    return new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8);
  }

  /** Returns the index of a byte, or the length: a field without a colon has no value. */
  private static int indexOf(byte target, byte[] bytes) {
    int index = 0;
    while (index < bytes.length && bytes[index] != target) {
      index++;
    }
    return index;
  }
}
