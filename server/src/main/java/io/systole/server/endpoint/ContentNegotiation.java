// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.protocol.codec.Form;
import io.systole.server.responsecache.DocumentFormat;
import io.systole.server.route.Request;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The format, form and coding that a request accepts (spec §1.4, §1.5). */
public record ContentNegotiation(DocumentFormat format, Form form, boolean isGzip) {
  /**
   * The request header fields that select the response. Stock servers omit Vary; caches need it.
   */
  static final Map<String, String> VARY =
      Map.of("Vary", "Accept, Accept-Encoding, X-Eureka-Accept");

  private static final String EVENT_STREAM = "text/event-stream";

  static ContentNegotiation of(Request request) {
    return new ContentNegotiation(
        formatOf(request), formOf(request), allowsGzip(request.header("accept-encoding")));
  }

  /** Returns the same without compression. */
  ContentNegotiation withoutGzip() {
    return new ContentNegotiation(format, form, false);
  }

  /**
   * Returns JSON if {@code Accept} contains it anywhere, in any case; else XML, as stock servers do
   * (spec §1.4).
   */
  static DocumentFormat formatOf(Request request) {
    return accepts("json", request) ? DocumentFormat.JSON : DocumentFormat.XML;
  }

  private static Form formOf(Request request) {
    return "compact".equalsIgnoreCase(request.header("x-eureka-accept")) ? Form.COMPACT : Form.FULL;
  }

  /** Returns whether the request accepts an event stream. Stock clients never do. */
  static boolean acceptsEvents(Request request) {
    return accepts(EVENT_STREAM, request);
  }

  private static boolean accepts(String value, Request request) {
    @Nullable String accept = request.header("accept");
    return accept != null && accept.toLowerCase(Locale.ROOT).contains(value);
  }

  /**
   * Returns whether a response may be compressed with gzip (RFC 9110 §12.5.3). An explicit
   * {@code gzip} takes precedence over {@code *}; a weight of 0 excludes it. Without the field
   * nothing is compressed: every client accepts identity.
   */
  public static boolean allowsGzip(@Nullable String header) {
    if (header == null) {
      return false;
    }
    boolean allowsAny = false;
    for (String member : header.toLowerCase(Locale.ROOT).split(",", -1)) {
      String[] parts = member.split(";", -1);
      String coding = parts[0].strip();
      boolean isAllowed = parts.length < 2 || !isZero(parts[1].strip());
      if (coding.equals("gzip") || coding.equals("x-gzip")) {
        return isAllowed;
      }
      allowsAny |= coding.equals("*") && isAllowed;
    }
    return allowsAny;
  }

  /** Returns whether the weight is {@code q=0}, with up to three decimals. */
  private static boolean isZero(String weight) {
    return weight.matches("q=0(\\.0{0,3})?");
  }
}
