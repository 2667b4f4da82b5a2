// SPDX-License-Identifier: Apache-2.0
package io.systole.server.route;

import io.systole.protocol.http.Ascii;
import io.systole.protocol.http.RequestHeadParser;
import io.systole.server.route.HeartbeatMatcher.HeartbeatRequest;
import java.util.Arrays;

/**
 * A matcher of heartbeats that differ from the previous request of their connection only by
 * instance and timestamp. Confined to the connection's loop.
 */
public final class RepeatedHeartbeatMatcher {
  /*
   *   PUT /v2/apps/APP/id?status=UP&lastDirtyTimestamp=1700000000000 HTTP/1.1\r\nHost: a\r\n\r\n
   *   |           |   |  |                             |            |
   *   as before   app |  QUERY                         13 digits    as before: RequestHeadParser
   *               slash
   *
   * Nearly all heartbeats have this form. This class matches it in one pass, in a third of the time
   * that RequestHeadParser and HeartbeatMatcher take together (HeartbeatPathBenchmark). Method and
   * header fields equal those of the previous request, so all that was derived from them still
   * holds. Other forms and incomplete heads are left to those two classes, which for this form have
   * the same result.
   */

  /** Returned by {@link #match} for any other request. */
  public static final int NONE = -1;

  private static final String QUERY = "?status=UP&lastDirtyTimestamp=";

  /* The query as four words of 8 bytes; as it has 31 bytes, the last two overlap. */
  private static final int QUERY_BYTES = QUERY.length();
  private static final long QUERY_0 = Ascii.wordOf(QUERY.substring(0, 8));
  private static final long QUERY_8 = Ascii.wordOf(QUERY.substring(8, 16));
  private static final long QUERY_16 = Ascii.wordOf(QUERY.substring(16, 24));
  private static final long QUERY_END = Ascii.wordOf(QUERY.substring(QUERY_BYTES - 8));

  private static final int TIMESTAMP_BYTES = 13;

  /** The digits of a timestamp after its first eight. */
  private static final int LAST_DIGITS = TIMESTAMP_BYTES - Long.BYTES;

  private static final int LAST_DIGITS_FACTOR = 100_000;

  private final HeartbeatMatcher matcher;
  private final RequestHeadParser parser;
  private final HeartbeatRequest target;
  private boolean isExpected;

  /**
   * @param matcher has matched the previous request
   * @param parser has parsed the previous request
   * @param target filled by both matchers
   */
  public RepeatedHeartbeatMatcher(
      HeartbeatMatcher matcher, RequestHeadParser parser, HeartbeatRequest target) {
    this.matcher = matcher;
    this.parser = parser;
    this.target = target;
  }

  /**
   * Sets whether the request just parsed was a heartbeat without a body that was accepted, so that
   * the next one may repeat it. To be called for each that this matcher has not matched.
   */
  public void expect(boolean isHeartbeat) {
    isExpected = isHeartbeat;
  }

  /**
   * Matches the bytes from an index on, and if they are a heartbeat fills the target.
   *
   * @param to exclusive
   * @return the index after its head, or {@link #NONE}
   */
  public int match(byte[] bytes, int from, int to) {
    byte[] line = matcher.lineOf(target);
    int appFrom = from + line.length;
    // The rest of a match is longer than a word, so words may be read up to here.
    int last = to - QUERY_BYTES - TIMESTAMP_BYTES;
    if (!isExpected
        || appFrom > last
        || !Arrays.equals(bytes, from, appFrom, line, 0, line.length)) {
      return NONE;
    }
    int slash = findStop(bytes, appFrom, last);
    if (slash <= appFrom || bytes[slash] != '/') {
      return NONE;
    }
    int idTo = findStop(bytes, slash + 1, last);
    if (idTo <= slash + 1 || idTo > last || !isQuery(bytes, idTo)) {
      return NONE;
    }
    int first = Ascii.eightDigits(Ascii.word(bytes, idTo + QUERY_BYTES));
    int second = Ascii.eightDigits(Ascii.word(bytes, idTo + QUERY_BYTES + LAST_DIGITS));
    if (first < 0 || second < 0) {
      return NONE;
    }
    int end = parser.endOfRepeated(bytes, from, idTo + QUERY_BYTES + TIMESTAMP_BYTES, to);
    if (end < 0) {
      return NONE;
    }
    target.setPath(bytes, appFrom, slash, idTo);
    target.setTimestamp((long) first * LAST_DIGITS_FACTOR + second % LAST_DIGITS_FACTOR);
    return end;
  }

  private static boolean isQuery(byte[] bytes, int at) {
    return Ascii.word(bytes, at) == QUERY_0
        && Ascii.word(bytes, at + 8) == QUERY_8
        && Ascii.word(bytes, at + 16) == QUERY_16
        && Ascii.word(bytes, at + QUERY_BYTES - 8) == QUERY_END;
  }

  /**
   * Returns the index of the first byte that ends a segment or is rare in one, or -1 if there is
   * none up to {@code last}.
   */
  private static int findStop(byte[] bytes, int from, int last) {
    for (int at = from; at <= last; at += Long.BYTES) {
      long marks = Ascii.segmentStops(Ascii.word(bytes, at));
      if (marks != 0) {
        return at + (Long.numberOfTrailingZeros(marks) >>> 3);
      }
    }
    return -1;
  }
}
