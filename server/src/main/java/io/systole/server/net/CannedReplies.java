// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.systole.server.route.Body;
import io.systole.server.route.Reply;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Answers as bytes. Those without a body are encoded once a second and then only copied. One per
 * event loop, used on it alone.
 */
final class CannedReplies {
  /** RFC 9110 §5.6.7: the one form a sender generates. */
  private static final DateTimeFormatter IMF_FIXDATE = DateTimeFormatter.ofPattern(
          "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
      .withZone(ZoneOffset.UTC);

  private static final int STATUS_END = 600;

  /** What {@code Connection} must say: nothing for a 1.1 connection that stays. */
  enum Persistence {
    IMPLIED(""),
    /** A 1.0 client that asked for it must be told (RFC 9112 §9.3). */
    SPELLED("Connection: keep-alive\r\n"),
    CLOSE("Connection: close\r\n");

    private final String line;

    Persistence(String line) {
      this.line = line;
    }

    static Persistence of(boolean isHttp11, boolean keepAlive) {
      if (!keepAlive) {
        return CLOSE;
      }
      return isHttp11 ? IMPLIED : SPELLED;
    }
  }

  /** By status and persistence; null until it is asked for in this second. */
  private final byte[] @Nullable [] bare = new byte[STATUS_END * Persistence.values().length][];

  private String date = "";
  private long dateSecond = -1;

  /** Moves {@code Date} to this moment; cheap when the second is still the same. */
  void refresh(long wallMs) {
    long second = Math.floorDiv(wallMs, 1000);
    if (second != dateSecond) {
      dateSecond = second;
      date = IMF_FIXDATE.format(Instant.ofEpochSecond(second));
      Arrays.fill(bare, null);
    }
  }

  /** An answer of status line and framing only; not to be changed. */
  byte[] bare(int status, Persistence persistence) {
    int index = status * Persistence.values().length + persistence.ordinal();
    byte[] bytes = bare[index];
    if (bytes == null) {
      bytes = head(Reply.ofStatus(status), persistence);
      bare[index] = bytes;
    }
    return bytes;
  }

  /** The head of an answer whose body is chunked or has a length, its empty line included. */
  byte[] head(Reply reply, Persistence persistence) {
    return head(reply, persistence, true);
  }

  /**
   * The head of any answer, its empty line included.
   *
   * @param isHttp11 whether the peer knows the chunked transfer coding; else a body without a
   *     length must be ended by the end of the connection
   */
  byte[] head(Reply reply, Persistence persistence, boolean isHttp11) {
    StringBuilder text = new StringBuilder(160);
    text.append("HTTP/1.1 ").append(reply.status()).append(' ');
    text.append(reason(reply.status())).append("\r\n");
    if (reply.contentType() != null) {
      text.append("Content-Type: ").append(reply.contentType()).append("\r\n");
    }
    long length = reply.body().length();
    if (length != Body.UNKNOWN_LENGTH) {
      // RFC 9110 §8.6: a 204 must not carry it, and a 304 not that of the body it leaves out.
      if (reply.status() != 204 && reply.status() != 304) {
        text.append("Content-Length: ").append(length).append("\r\n");
      }
    } else if (isHttp11) {
      text.append("Transfer-Encoding: chunked\r\n");
    }
    reply
        .headers()
        .forEach((name, value) -> text.append(name).append(": ").append(value).append("\r\n"));
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
      case 431 -> "Request Header Fields Too Large";
      case 500 -> "Internal Server Error";
      case 501 -> "Not Implemented";
      case 503 -> "Service Unavailable";
      case 505 -> "HTTP Version Not Supported";
      default -> "";
    };
  }
}
