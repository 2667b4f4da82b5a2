// SPDX-License-Identifier: Apache-2.0
package io.systole.server.route;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An answer as a value: status, headers, body. Framing, {@code Date}, {@code Connection} and, to a
 * 503, {@code Retry-After} are added by the connection.
 *
 * @param status HTTP status, 200..599
 * @param contentType null exactly when there is no body
 * @param headers further headers; names and values are ASCII without line breaks
 * @param body {@link ResponseBody#NONE} when there is none
 */
public record Response(
    int status, @Nullable String contentType, Map<String, String> headers, ResponseBody body) {

  public static final String JSON = "application/json";
  public static final String XML = "application/xml";
  public static final String TEXT = "text/plain; charset=utf-8";

  public static final Response OK = ofStatus(200);
  public static final Response NO_CONTENT = ofStatus(204);
  public static final Response BAD_REQUEST = ofStatus(400);
  public static final Response NOT_FOUND = ofStatus(404);
  public static final Response CONTENT_TOO_LARGE = ofStatus(413);
  public static final Response UNSUPPORTED_MEDIA_TYPE = ofStatus(415);
  public static final Response INTERNAL_ERROR = ofStatus(500);

  /** A refusal for want of capacity. */
  public static final Response OVERLOADED = ofStatus(503);

  /**
   * An answer whose body is at hand.
   *
   * @param body owned by the reply from now on; empty when there is none
   */
  public Response(
      int status, @Nullable String contentType, Map<String, String> headers, byte[] body) {
    this(status, contentType, headers, ResponseBody.of(body));
  }

  /** An answer without a body: what every error to a heartbeat must be (spec §1.7). */
  public static Response ofStatus(int status) {
    return new Response(status, null, Map.of(), ResponseBody.NONE);
  }

  public static Response of(int status, String contentType, byte[] body) {
    return new Response(status, contentType, Map.of(), body);
  }

  public static Response of(int status, String contentType, ResponseBody body) {
    return new Response(status, contentType, Map.of(), body);
  }

  public static Response text(int status, String text) {
    return of(status, TEXT, text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The body at hand, not to be changed.
   *
   * @throws IllegalStateException when it is one that must be read
   */
  public byte[] bytes() {
    if (body instanceof ResponseBody.Full whole) {
      return whole.bytes();
    }
    throw new IllegalStateException("not at hand: a body of length " + body.length());
  }

  /** An answer of status line and framing only, which can be encoded ahead. */
  public boolean isBare() {
    return body == ResponseBody.NONE && contentType == null && headers.isEmpty();
  }
}
