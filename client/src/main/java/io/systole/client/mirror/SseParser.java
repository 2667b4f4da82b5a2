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
 * Makes events of bytes as they come (WHATWG HTML, server-sent events): lines end with CR, LF or
 * both, an empty one ends the event. For one thread.
 */
final class SseParser {
  /**
   * What came.
   *
   * @param type empty when it has none
   * @param id empty when it has none
   * @param data as it was sent, its lines joined
   */
  @SuppressWarnings("ArrayRecordComponent") // Read once, never compared.
  record Event(String type, String id, byte[] data) {}

  private static final int USUAL_LINE_BYTES = 2_048;

  private final int eventBytesMax;
  private byte[] line = new byte[USUAL_LINE_BYTES];
  private int lineBytes;
  private final ByteArrayOutputStream data = new ByteArrayOutputStream();
  private boolean hasData;
  private boolean isAfterCr;
  private String type = "";
  private String id = "";

  /** @param eventBytesMax of a line, and of the data of an event; at least two thousand */
  SseParser(int eventBytesMax) {
    this.eventBytesMax = Math.max(USUAL_LINE_BYTES, eventBytesMax);
  }

  /**
   * Reads on, and hands over each event that is whole.
   *
   * @throws IOException when a line or an event is too long
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
      require(lineBytes);
      line = Arrays.copyOf(line, Math.min(2 * lineBytes, eventBytesMax));
    }
    line[lineBytes++] = next;
  }

  private void require(int size) throws IOException {
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
        // A comment, or a field that this reader has no use for.
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
    require(data.size() + bytes.length - from);
    if (hasData) {
      data.write('\n');
    }
    hasData = true;
    data.write(bytes, from, bytes.length - from);
  }

  private static String text(byte[] bytes, int from) {
    return new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8);
  }

  /** Its place, or the end: a field without a colon has no value. */
  private static int indexOf(byte wanted, byte[] bytes) {
    int index = 0;
    while (index < bytes.length && bytes[index] != wanted) {
      index++;
    }
    return index;
  }
}
