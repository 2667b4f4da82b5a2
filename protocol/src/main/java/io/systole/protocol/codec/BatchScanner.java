// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import io.systole.protocol.codec.BatchItem.Heartbeat;
import io.systole.protocol.http.Ascii;
import io.systole.protocol.model.InstanceStatus;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A scanner of the bytes of a replication batch in the form that peers write: JSON without white
 * space, heartbeats as flat objects of ASCII without escapes. It accepts no other form, and nothing
 * that {@link ReplicationCodec#decodeItems} would read differently.
 */
final class BatchScanner {
  /*
   * A heartbeat, whose members may have any order:
   *
   *     {"appName":"DEMO","id":"h1:demo:8080","lastDirtyTimestamp":1700000000000,
   *      "overriddenStatus":"OUT_OF_SERVICE","status":"UP","action":"Heartbeat"}
   *
   * The timestamp, the override and the status are optional; the status is not used (spec §5.1).
   */
  static final byte[] LIST_START = ascii("{\"replicationList\":[");
  static final byte[] LIST_END = ascii("]}");

  private static final byte[] APP = ascii("\"appName\":\"");
  private static final byte[] ID = ascii("\"id\":\"");
  private static final byte[] TIMESTAMP = ascii("\"lastDirtyTimestamp\":");
  private static final byte[] OVERRIDE = ascii("\"overriddenStatus\":\"");
  private static final byte[] STATUS = ascii("\"status\":\"");
  private static final byte[] ACTION = ascii("\"action\":\"Heartbeat\"");

  /* Members of the current item, as bits. */
  private static final int HAS_APP = 1;
  private static final int HAS_ID = 2;
  private static final int HAS_TIMESTAMP = 4;
  private static final int HAS_OVERRIDE = 8;
  private static final int HAS_STATUS = 16;
  private static final int HAS_ACTION = 32;
  private static final int REQUIRED = HAS_APP | HAS_ID | HAS_ACTION;

  private static final int DIGITS_MAX = 18;
  private static final InstanceStatus[] STATUSES = InstanceStatus.values();

  private final byte[] bytes;
  private final int to;
  private int at;

  private int members;
  private int appFrom;
  private int appTo;
  private int idFrom;
  private int idTo;
  private long dirtyMs;
  private @Nullable InstanceStatus override;

  BatchScanner(byte[] bytes, int from, int to) {
    this.bytes = bytes;
    this.at = from;
    this.to = to;
  }

  /** Returns the index of the next byte. */
  int position() {
    return at;
  }

  /** Returns the number of bytes from the position on. */
  int remaining() {
    return to - at;
  }

  void moveTo(int position) {
    at = position;
  }

  /** Moves past the expected bytes; returns false and stays if others follow. */
  boolean skip(byte[] expected) {
    int end = at + expected.length;
    if (end > to || !Arrays.equals(bytes, at, end, expected, 0, expected.length)) {
      return false;
    }
    at = end;
    return true;
  }

  /** Moves past the expected byte; returns false and stays if another follows. */
  boolean skip(char expected) {
    if (at == to || bytes[at] != expected) {
      return false;
    }
    at++;
    return true;
  }

  /** Moves past a heartbeat; returns null and stays if another item, or another form, follows. */
  @Nullable
  Heartbeat heartbeat() {
    int from = at;
    members = 0;
    dirtyMs = Heartbeat.NO_TIMESTAMP;
    override = null;
    boolean isPlain = skip('{') && member();
    while (isPlain && skip(',')) {
      isPlain = member();
    }
    if (isPlain && (members & REQUIRED) == REQUIRED && skip('}')) {
      return new Heartbeat(appFrom, appTo, idFrom, idTo, dirtyMs, override);
    }
    at = from;
    return null;
  }

  private boolean member() {
    if (remaining() < 3) {
      return false;
    }
    // The second letters of the names differ.
    return switch (bytes[at + 2]) {
      case 'p' -> app();
      case 'd' -> id();
      case 'a' -> isNew(HAS_TIMESTAMP) && skip(TIMESTAMP) && timestamp();
      case 'v' -> override();
      case 't' -> isNew(HAS_STATUS) && skip(STATUS) && text();
      case 'c' -> isNew(HAS_ACTION) && skip(ACTION);
      default -> false;
    };
  }

  /** Marks a member as present; returns false if it already was. */
  private boolean isNew(int member) {
    boolean isNew = (members & member) == 0;
    members |= member;
    return isNew;
  }

  private boolean app() {
    if (!isNew(HAS_APP) || !skip(APP)) {
      return false;
    }
    appFrom = at;
    boolean isText = text();
    appTo = at - 1;
    return isText && appTo > appFrom;
  }

  private boolean id() {
    if (!isNew(HAS_ID) || !skip(ID)) {
      return false;
    }
    idFrom = at;
    boolean isText = text();
    idTo = at - 1;
    return isText && idTo > idFrom;
  }

  private boolean override() {
    if (!isNew(HAS_OVERRIDE) || !skip(OVERRIDE)) {
      return false;
    }
    int from = at;
    boolean isText = text();
    for (InstanceStatus status : STATUSES) {
      if (Ascii.equalsExactly(bytes, from, at - 1, status.name())) {
        override = status;
      }
    }
    return isText;
  }

  /** Moves past a text and its closing quote; false at an escape, a control or beyond ASCII. */
  private boolean text() {
    int end = at;
    // Bytes beyond ASCII are negative.
    while (end < to && bytes[end] >= ' ' && bytes[end] != '"' && bytes[end] != '\\') {
      end++;
    }
    boolean isText = end - at <= DocumentLimits.TEXT_CHARS_MAX && end < to && bytes[end] == '"';
    at = end + 1;
    return isText;
  }

  /** Moves past a number without sign and fraction; JSON forbids leading zeros. */
  private boolean timestamp() {
    int from = at;
    long value = 0;
    while (at < to && bytes[at] >= '0' && bytes[at] <= '9' && at - from <= DIGITS_MAX) {
      value = value * 10 + (bytes[at] - '0');
      at++;
    }
    int digits = at - from;
    dirtyMs = value;
    return digits > 0 && digits <= DIGITS_MAX && (digits == 1 || bytes[from] != '0');
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
