// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.http.RequestHead;
import io.systole.server.route.Response;
import io.systole.server.route.ResponseBody;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A cache of encoded response heads. A bare response is encoded at most once a second and copied
 * from then on. Adds {@code Retry-After} to every 503. Confined to one event loop.
 */
final class PreencodedResponses {
  /** The date format that senders must generate (RFC 9110 §5.6.7). */
  private static final DateTimeFormatter IMF_FIXDATE = DateTimeFormatter.ofPattern(
          "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
      .withZone(ZoneOffset.UTC);

  private static final int STATUS_END = 600;
  private static final int UNAVAILABLE = 503;

  /** The {@code Connection} field of a response; absent on a persistent HTTP/1.1 connection. */
  enum ConnectionMode {
    PERSISTENT(""),
    /** For an HTTP/1.0 client that requested keep-alive (RFC 9112 §9.3). */
    KEEP_ALIVE("Connection: keep-alive\r\n"),
    CLOSE("Connection: close\r\n");

    private final String line;

    ConnectionMode(String line) {
      this.line = line;
    }

    static ConnectionMode of(boolean isHttp11, boolean keepAlive) {
      if (!keepAlive) {
        return CLOSE;
      }
      return isHttp11 ? PERSISTENT : KEEP_ALIVE;
    }
  }

  /**
   * The framing of a response as determined by its request.
   *
   * @param isHttp11 whether a body of unknown length may use the chunked transfer coding; otherwise
   *     it is delimited by the end of the connection
   */
  record ResponseFraming(ConnectionMode connectionMode, boolean isHeadOnly, boolean isHttp11) {
    static final ResponseFraming PLAIN =
        new ResponseFraming(ConnectionMode.PERSISTENT, false, true);

    /** Returns the framing of the response to a request. */
    static ResponseFraming of(RequestHead head) {
      boolean isHeadOnly = head.method() == HttpMethod.HEAD;
      if (head.keepAlive() && head.isHttp11() && !isHeadOnly) {
        return PLAIN;
      }
      ConnectionMode connectionMode = ConnectionMode.of(head.isHttp11(), head.keepAlive());
      return new ResponseFraming(connectionMode, isHeadOnly, head.isHttp11());
    }

    /** Returns this framing with {@code Connection: close}. */
    ResponseFraming closing() {
      return new ResponseFraming(ConnectionMode.CLOSE, isHeadOnly, isHttp11);
    }
  }

  private static final int MODES = ConnectionMode.values().length;

  /** Bare responses by status and connection mode; null until used in this second. */
  private final byte[] @Nullable [] bare = new byte[STATUS_END * MODES][];

  /** Bare 503 responses by {@code Retry-After} and connection mode; null until used. */
  private final byte[] @Nullable [] unavailable =
      new byte[(RetryAfterJitter.SECS_MAX + 1) * MODES][];

  private final RetryAfterJitter retryAfter;
  private String date = "";
  private long dateSecond = -1;

  PreencodedResponses(RetryAfterJitter retryAfter) {
    this.retryAfter = retryAfter;
  }

  /** Updates {@code Date}; cheap within the same second. */
  void refresh(long wallMs) {
    long second = Math.floorDiv(wallMs, 1000);
    if (second != dateSecond) {
      // The wall clock may be set back; at least a second counts as passed.
      retryAfter.secondsPassed(Math.max(1, second - dateSecond));
      dateSecond = second;
      date = IMF_FIXDATE.format(Instant.ofEpochSecond(second));
      Arrays.fill(bare, null);
      Arrays.fill(unavailable, null);
    }
  }

  /** Returns a response of status line and framing only. The array must not be modified. */
  byte[] bare(int status, ConnectionMode connectionMode) {
    int retryAfterSecs = retryAfterSecs(status);
    byte[] @Nullable [] variants = status == UNAVAILABLE ? unavailable : bare;
    int variant = status == UNAVAILABLE ? retryAfterSecs : status;
    int index = variant * MODES + connectionMode.ordinal();
    byte[] bytes = variants[index];
    if (bytes == null) {
      bytes = head(Response.ofStatus(status), connectionMode, true, retryAfterSecs);
      variants[index] = bytes;
    }
    return bytes;
  }

  /** Returns the {@code Retry-After} of a response with this status, seconds; 0 if it has none. */
  private int retryAfterSecs(int status) {
    return status == UNAVAILABLE ? retryAfter.next() : 0;
  }

  /** Encodes the head of a response, including the empty line. */
  byte[] head(Response response, ResponseFraming framing) {
    return head(
        response, framing.connectionMode(), framing.isHttp11(), retryAfterSecs(response.status()));
  }

  private byte[] head(
      Response response, ConnectionMode connectionMode, boolean isHttp11, int retryAfterSecs) {
    StringBuilder text = new StringBuilder(160);
    text.append("HTTP/1.1 ").append(response.status()).append(' ');
    text.append(reason(response.status())).append("\r\n");
    if (response.contentType() != null) {
      text.append("Content-Type: ").append(response.contentType()).append("\r\n");
    }
    long length = response.body().length();
    if (length != ResponseBody.UNKNOWN_LENGTH) {
      // RFC 9110 §8.6: not allowed in a 204; in a 304 it would be that of the omitted body.
      if (response.status() != 204 && response.status() != 304) {
        text.append("Content-Length: ").append(length).append("\r\n");
      }
    } else if (isHttp11) {
      text.append("Transfer-Encoding: chunked\r\n");
    }
    response
        .headers()
        .forEach((name, value) -> text.append(name).append(": ").append(value).append("\r\n"));
    if (retryAfterSecs > 0) {
      text.append("Retry-After: ").append(retryAfterSecs).append("\r\n");
    }
    text.append("Date: ").append(date).append("\r\n");
    text.append(connectionMode.line).append("\r\n");
    return text.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Returns the reason phrase of RFC 9110 §15 for the statuses in use, empty for others. */
  private static String reason(int status) {
    return switch (status) {
      case 200 -> "OK";
      case 204 -> "No Content";
      case 304 -> "Not Modified";
      case 400 -> "Bad Request";
      case 401 -> "Unauthorized";
      case 403 -> "Forbidden";
      case 404 -> "Not Found";
      case 405 -> "Method Not Allowed";
      case 408 -> "Request Timeout";
      case 409 -> "Conflict";
      case 410 -> "Gone";
      case 413 -> "Content Too Large";
      case 414 -> "URI Too Long";
      case 415 -> "Unsupported Media Type";
      case 417 -> "Expectation Failed";
      case 421 -> "Misdirected Request";
      case 431 -> "Request Header Fields Too Large";
      case 500 -> "Internal Server Error";
      case 501 -> "Not Implemented";
      case 503 -> "Service Unavailable";
      case 505 -> "HTTP Version Not Supported";
      default -> "";
    };
  }
}
