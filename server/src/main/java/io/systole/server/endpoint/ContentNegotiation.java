// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.protocol.codec.Form;
import io.systole.server.responsecache.DocumentFormat;
import io.systole.server.route.Request;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How a request asks for its answer to be written (spec §1.4, §1.5). */
record ContentNegotiation(DocumentFormat format, Form form, boolean isGzip) {
  /** What an answer depends on beside its address; the originals don't say so, caches need it. */
  static final Map<String, String> VARY =
      Map.of("Vary", "Accept, Accept-Encoding, X-Eureka-Accept");

  private static final String EVENT_STREAM = "text/event-stream";

  static ContentNegotiation by(Request request) {
    return new ContentNegotiation(
        formatOf(request),
        formOf(request),
        AcceptEncoding.includeGzip(request.header("accept-encoding")));
  }

  /** The same, not compressed. */
  ContentNegotiation plain() {
    return new ContentNegotiation(format, form, false);
  }

  /** JSON for who says so anywhere, in any case; else XML, as the original (spec §1.4). */
  static DocumentFormat formatOf(Request request) {
    return accepts("json", request) ? DocumentFormat.JSON : DocumentFormat.XML;
  }

  private static Form formOf(Request request) {
    return "compact".equalsIgnoreCase(request.header("x-eureka-accept")) ? Form.COMPACT : Form.FULL;
  }

  /** Whether changes are asked for as they happen. No client of the originals does so. */
  static boolean isEvents(Request request) {
    return accepts(EVENT_STREAM, request);
  }

  private static boolean accepts(String part, Request request) {
    @Nullable String accept = request.header("accept");
    return accept != null && accept.toLowerCase(Locale.ROOT).contains(part);
  }
}
