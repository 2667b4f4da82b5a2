// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

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
 * Answers as bytes. Those without a body are encoded once a second and then only copied. Every 503
 * gets a {@code Retry-After}. One per event loop, used on it alone.
 */
final class PreencodedResponses {
  /** RFC 9110 §5.6.7: the one form a sender generates. */
  private static final DateTimeFormatter IMF_FIXDATE = DateTimeFormatter.ofPattern(
          "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
      .withZone(ZoneOffset.UTC);

  private static final int STATUS_END = 600;
  private static final int UNAVAILABLE = 503;

  /** What {@code Connection} must say: nothing for a 1.1 connection that stays. */
  enum ConnectionMode {
    IMPLIED(""),
    /** A 1.0 client that asked for it must be told (RFC 9112 §9.3). */
    SPELLED("Connection: keep-alive\r\n"),
    CLOSE("Connection: close\r\n");

    private final String line;

    ConnectionMode(String line) {
      this.line = line;
    }

    static ConnectionMode of(boolean isHttp11, boolean keepAlive) {
      if (!keepAlive) {
        return CLOSE;
      }
      return isHttp11 ? IMPLIED : SPELLED;
    }
  }

  /** By status and persistence; null until it is asked for in this second. */
  private final byte[] @Nullable [] bare = new byte[STATUS_END * ConnectionMode.values().length][];

  /** The bare 503, by its {@code Retry-After} and persistence; null likewise. */
  private final byte[] @Nullable [] unavailable =
      new byte[(RetryAfterSpread.SECS_MAX + 1) * ConnectionMode.values().length][];

  private final RetryAfterSpread retryAfter;
  private String date = "";
  private long dateSecond = -1;

  PreencodedResponses(RetryAfterSpread retryAfter) {
    this.retryAfter = retryAfter;
  }

  /** Moves {@code Date} to this moment; cheap when the second is still the same. */
  void refresh(long wallMs) {
    long second = Math.floorDiv(wallMs, 1000);
    if (second != dateSecond) {
      // The wall clock may be set back; for refusals a second has passed all the same.
      retryAfter.secondsPassed(Math.max(1, second - dateSecond));
      dateSecond = second;
      date = IMF_FIXDATE.format(Instant.ofEpochSecond(second));
      Arrays.fill(bare, null);
      Arrays.fill(unavailable, null);
    }
  }

  /** An answer of status line and framing only; not to be changed. */
  byte[] bare(int status, ConnectionMode persistence) {
    int retryAfterSecs = retryAfterSecs(status);
    byte[] @Nullable [] variants = status == UNAVAILABLE ? unavailable : bare;
    int variant = status == UNAVAILABLE ? retryAfterSecs : status;
    int index = variant * ConnectionMode.values().length + persistence.ordinal();
    byte[] bytes = variants[index];
    if (bytes == null) {
      bytes = head(Response.ofStatus(status), persistence, true, retryAfterSecs);
      variants[index] = bytes;
    }
    return bytes;
  }

  /** The value for a response of this status, seconds; 0 when it has none. */
  private int retryAfterSecs(int status) {
    return status == UNAVAILABLE ? retryAfter.next() : 0;
  }

  /**
   * The head of any answer, its empty line included.
   *
   * @param isHttp11 whether the peer knows the chunked transfer coding; else a body without a
   *     length must be ended by the end of the connection
   */
  byte[] head(Response response, ConnectionMode persistence, boolean isHttp11) {
    return head(response, persistence, isHttp11, retryAfterSecs(response.status()));
  }

  private byte[] head(
      Response response, ConnectionMode persistence, boolean isHttp11, int retryAfterSecs) {
    StringBuilder text = new StringBuilder(160);
    text.append("HTTP/1.1 ").append(response.status()).append(' ');
    text.append(reason(response.status())).append("\r\n");
    if (response.contentType() != null) {
      text.append("Content-Type: ").append(response.contentType()).append("\r\n");
    }
    long length = response.body().length();
    if (length != ResponseBody.UNKNOWN_LENGTH) {
      // RFC 9110 §8.6: a 204 must not carry it, and a 304 not that of the body it leaves out.
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
    text.append(persistence.line).append("\r\n");
    return text.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  /** The phrases of RFC 9110 §15 for what a node answers; none for the rest, as it allows. */
  private static String reason(int status) {
    return switch (status) {
      case 200 -> "OK";
      case 204 -> "No Content";
      case 304 -> "Not Modified";
      case 400 -> "Bad Request";
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
