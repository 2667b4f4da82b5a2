// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.server.responsecache.CacheKey;
import io.systole.server.responsecache.CacheKey.CacheScope;
import io.systole.server.responsecache.CachedRepresentation;
import io.systole.server.responsecache.RepresentationCallback;
import io.systole.server.responsecache.ResponseCache;
import io.systole.server.route.Request;
import io.systole.server.route.Response;
import io.systole.server.route.ResponseBody;
import io.systole.server.route.ResponseCallback;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Sends cached representations: in the format, form and coding that the request accepts, or 304 if
 * the client has the current one (RFC 9110 §13.1.2).
 */
public final class CachedResponses {
  /** The version of a response, which a long poll passes as {@code since}. */
  static final String VERSION_HEADER = "Systole-Version";

  private static final String GZIP_SUFFIX = "-gzip";

  private final ResponseCache cache;

  public CachedResponses(ResponseCache cache) {
    this.cache = cache;
  }

  /**
   * Sends the response at once if it is cached, else after encoding.
   *
   * @param name as in {@link CacheKey}
   * @param absent the response if nothing has that name
   */
  void send(
      CacheScope scope, String name, Request request, ResponseCallback callback, Response absent) {
    // Stock servers compress no other responses (spec §1.5).
    ContentNegotiation negotiation = scope.isOfRegistry()
        ? ContentNegotiation.of(request)
        : ContentNegotiation.of(request).withoutGzip();
    CacheKey key = new CacheKey(scope, name, negotiation.format(), negotiation.form());
    IfNoneMatch ifNoneMatch = IfNoneMatch.parse(request.header("if-none-match"));
    if (!ifNoneMatch.isEmpty()) {
      String tag = cache.currentTag(key);
      if (tag != null && isCurrent(tag, ifNoneMatch)) {
        callback.send(notModified(tag, negotiation));
        return;
      }
    }
    cache.request(key, new RepresentationCallback() {
      @Override
      public void completed(CachedRepresentation representation) {
        callback.send(
            isCurrent(representation.tag(), ifNoneMatch)
                ? notModified(representation.tag(), negotiation)
                : response(representation, key, negotiation));
      }

      @Override
      public void absent() {
        callback.send(absent);
      }

      @Override
      public void failed(Throwable cause) {
        callback.send(Response.INTERNAL_ERROR);
      }
    });
  }

  /** The state shown is the same in either coding. */
  private static boolean isCurrent(String tag, IfNoneMatch ifNoneMatch) {
    return ifNoneMatch.matches(tag) || ifNoneMatch.matches(tag + GZIP_SUFFIX);
  }

  private static Response notModified(String tag, ContentNegotiation negotiation) {
    return new Response(304, null, headers(tag, negotiation), ResponseBody.NONE);
  }

  private static Map<String, String> headers(String tag, ContentNegotiation negotiation) {
    Map<String, String> headers = new LinkedHashMap<>(ContentNegotiation.VARY);
    headers.put("ETag", '"' + tag + (negotiation.isGzip() ? GZIP_SUFFIX : "") + '"');
    return headers;
  }

  private static Response response(
      CachedRepresentation representation, CacheKey key, ContentNegotiation negotiation) {
    Map<String, String> headers = headers(representation.tag(), negotiation);
    if (key.scope().isOfRegistry()) {
      headers.put(VERSION_HEADER, Long.toString(representation.version()));
    }
    if (negotiation.isGzip()) {
      headers.put("Content-Encoding", "gzip");
    }
    return new Response(
        200, key.format().mediaType(), headers, body(representation, negotiation.isGzip()));
  }

  private static ResponseBody body(CachedRepresentation representation, boolean isGzip) {
    byte @Nullable [] whole = isGzip ? representation.gzipIfShort() : representation.plainIfShort();
    if (whole != null) {
      return ResponseBody.of(whole);
    }
    long length = isGzip ? representation.gzipLength() : representation.plainLength();
    return ResponseBody.ofLength(
        length, isGzip ? representation::openGzip : representation::openPlain);
  }
}
