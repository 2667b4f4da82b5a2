// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.server.responsecache.CacheKey;
import io.systole.server.responsecache.CacheKey.CacheScope;
import io.systole.server.responsecache.CachedRepresentation;
import io.systole.server.responsecache.RepresentationCallback;
import io.systole.server.responsecache.RepresentationSource;
import io.systole.server.responsecache.ResponseCache;
import io.systole.server.route.BodySource;
import io.systole.server.route.Request;
import io.systole.server.route.Response;
import io.systole.server.route.ResponseBody;
import io.systole.server.route.ResponseCallback;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends answers that are made ahead: in the language, form and coding that the request asks for,
 * and as a 304 to who has them already (RFC 9110 §13.1.2).
 */
public final class CachedResponses {
  /** Which change an answer is as of; the {@code since} of a poll. */
  static final String VERSION_HEADER = "Systole-Version";

  private static final String GZIP_SUFFIX = "-gzip";

  private final ResponseCache views;

  public CachedResponses(ResponseCache views) {
    this.views = views;
  }

  /**
   * Answers at once or as soon as the answer is made.
   *
   * @param name as in {@link CacheKey}
   * @param absent the answer when there is nothing of that name
   */
  void send(
      CacheScope extent, String name, Request request, ResponseCallback callback, Response absent) {
    // As the original, which compresses no others (spec §1.5).
    ContentNegotiation negotiation = extent.isOfRegistry()
        ? ContentNegotiation.by(request)
        : ContentNegotiation.by(request).plain();
    CacheKey key = new CacheKey(extent, name, negotiation.format(), negotiation.form());
    IfNoneMatch held = IfNoneMatch.in(request.header("if-none-match"));
    if (!held.isEmpty()) {
      String tag = views.currentTag(key);
      if (tag != null && isProtected(tag, held)) {
        callback.send(notModified(tag, negotiation));
        return;
      }
    }
    views.view(key, new RepresentationCallback() {
      @Override
      public void take(CachedRepresentation view) {
        callback.send(
            isProtected(view.tag(), held)
                ? notModified(view.tag(), negotiation)
                : response(view, key, negotiation));
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

  /** What is shown is the same in either coding. */
  private static boolean isProtected(String tag, IfNoneMatch held) {
    return held.include(tag) || held.include(tag + GZIP_SUFFIX);
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
      CachedRepresentation view, CacheKey key, ContentNegotiation negotiation) {
    Map<String, String> headers = headers(view.tag(), negotiation);
    if (key.extent().isOfRegistry()) {
      headers.put(VERSION_HEADER, Long.toString(view.version()));
    }
    if (negotiation.isGzip()) {
      headers.put("Content-Encoding", "gzip");
    }
    return new Response(200, key.format().mediaType(), headers, body(view, negotiation.isGzip()));
  }

  private static ResponseBody body(CachedRepresentation view, boolean isGzip) {
    byte @Nullable [] whole = isGzip ? view.gzipAtHand() : view.plainAtHand();
    if (whole != null) {
      return ResponseBody.of(whole);
    }
    Supplier<RepresentationSource> passes = isGzip ? view::openGzip : view::openPlain;
    long length = isGzip ? view.gzipLength() : view.plainLength();
    return ResponseBody.ofLength(length, () -> source(passes.get()));
  }

  private static BodySource source(RepresentationSource pass) {
    return new BodySource() {
      @Override
      public int read(byte[] into, int from, int length) {
        return pass.read(into, from, length);
      }

      @Override
      public void close() {
        pass.close();
      }
    };
  }
}
