// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.protocol.codec.Form;
import io.systole.server.responsecache.DocumentFormat;
import io.systole.server.route.Request;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The format, form and coding that a request accepts (spec §1.4, §1.5). */
record ContentNegotiation(DocumentFormat format, Form form, boolean isGzip) {
  /** Selecting request header fields. The originals omit the field; caches need it. */
  static final Map<String, String> VARY =
      Map.of("Vary", "Accept, Accept-Encoding, X-Eureka-Accept");

  private static final String EVENT_STREAM = "text/event-stream";

  static ContentNegotiation of(Request request) {
    return new ContentNegotiation(
        formatOf(request),
        formOf(request),
        AcceptEncoding.allowsGzip(request.header("accept-encoding")));
  }

  /** Returns the same without compression. */
  ContentNegotiation withoutGzip() {
    return new ContentNegotiation(format, form, false);
  }

  /**
   * Returns JSON if {@code Accept} contains it anywhere, in any case; else XML, like the original
   * (spec §1.4).
   */
  static DocumentFormat formatOf(Request request) {
    return accepts("json", request) ? DocumentFormat.JSON : DocumentFormat.XML;
  }

  private static Form formOf(Request request) {
    return "compact".equalsIgnoreCase(request.header("x-eureka-accept")) ? Form.COMPACT : Form.FULL;
  }

  /** Returns whether the request accepts an event stream. Clients of the originals never do. */
  static boolean acceptsEvents(Request request) {
    return accepts(EVENT_STREAM, request);
  }

  private static boolean accepts(String value, Request request) {
    @Nullable String accept = request.header("accept");
    return accept != null && accept.toLowerCase(Locale.ROOT).contains(value);
  }
}
