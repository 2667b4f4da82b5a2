// SPDX-License-Identifier: Apache-2.0
package io.systole.server.route;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A response: status, headers, body. The connection adds framing, {@code Date}, {@code Connection}
 * and, to a 503, {@code Retry-After}.
 *
 * @param status HTTP status, 200..599
 * @param contentType null if and only if there is no body
 * @param headers further header fields; names and values are ASCII without line breaks
 * @param body {@link ResponseBody#NONE} if there is none
 */
public record Response(
    int status, @Nullable String contentType, Map<String, String> headers, ResponseBody body) {

  public static final String JSON = "application/json";
  public static final String XML = "application/xml";
  public static final String TEXT = "text/plain; charset=utf-8";

  public static final Response OK = ofStatus(200);
  public static final Response NO_CONTENT = ofStatus(204);
  public static final Response BAD_REQUEST = ofStatus(400);
  public static final Response FORBIDDEN = ofStatus(403);
  public static final Response NOT_FOUND = ofStatus(404);
  public static final Response CONTENT_TOO_LARGE = ofStatus(413);
  public static final Response UNSUPPORTED_MEDIA_TYPE = ofStatus(415);
  public static final Response INTERNAL_ERROR = ofStatus(500);

  /** The refusal of a request without valid credentials (RFC 9110 §15.5.2). */
  public static final Response UNAUTHORIZED = new Response(
      401, null, Map.of("WWW-Authenticate", "Basic realm=\"systole\""), ResponseBody.NONE);

  /** The refusal of a request because of overload. */
  public static final Response OVERLOADED = ofStatus(503);

  /**
   * Creates a response with a full body.
   *
   * @param body owned by the response from now on; empty for no body
   */
  public Response(
      int status, @Nullable String contentType, Map<String, String> headers, byte[] body) {
    this(status, contentType, headers, ResponseBody.of(body));
  }

  /** Returns a response without a body, as required for every error to a heartbeat (spec §1.7). */
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
   * Returns the bytes of a full body, which must not be modified.
   *
   * @throws IllegalStateException if the body is streamed
   */
  public byte[] bytes() {
    if (body instanceof ResponseBody.Full full) {
      return full.bytes();
    }
    throw new IllegalStateException("streamed body, length=" + body.length());
  }

  /** Returns whether this is a status line and framing only, which can be preencoded. */
  public boolean isBare() {
    return body == ResponseBody.NONE && contentType == null && headers.isEmpty();
  }
}
