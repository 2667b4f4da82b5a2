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
      CacheScope extent, String name, Request request, ResponseCallback answer, Response absent) {
    // As the original, which compresses no others (spec §1.5).
    ContentNegotiation wanted = extent.isOfRegistry()
        ? ContentNegotiation.by(request)
        : ContentNegotiation.by(request).plain();
    CacheKey key = new CacheKey(extent, name, wanted.language(), wanted.form());
    IfNoneMatch held = IfNoneMatch.in(request.header("if-none-match"));
    if (!held.isEmpty()) {
      String tag = views.currentTag(key);
      if (tag != null && isHeld(tag, held)) {
        answer.send(notModified(tag, wanted));
        return;
      }
    }
    views.view(key, new RepresentationCallback() {
      @Override
      public void take(CachedRepresentation view) {
        answer.send(
            isHeld(view.tag(), held) ? notModified(view.tag(), wanted) : reply(view, key, wanted));
      }

      @Override
      public void absent() {
        answer.send(absent);
      }

      @Override
      public void failed(Throwable cause) {
        answer.send(Response.INTERNAL_ERROR);
      }
    });
  }

  /** What is shown is the same in either coding. */
  private static boolean isHeld(String tag, IfNoneMatch held) {
    return held.include(tag) || held.include(tag + GZIP_SUFFIX);
  }

  private static Response notModified(String tag, ContentNegotiation wanted) {
    return new Response(304, null, headers(tag, wanted), ResponseBody.NONE);
  }

  private static Map<String, String> headers(String tag, ContentNegotiation wanted) {
    Map<String, String> headers = new LinkedHashMap<>(ContentNegotiation.VARY);
    headers.put("ETag", '"' + tag + (wanted.isGzip() ? GZIP_SUFFIX : "") + '"');
    return headers;
  }

  private static Response reply(
      CachedRepresentation view, CacheKey key, ContentNegotiation wanted) {
    Map<String, String> headers = headers(view.tag(), wanted);
    if (key.extent().isOfRegistry()) {
      headers.put(VERSION_HEADER, Long.toString(view.version()));
    }
    if (wanted.isGzip()) {
      headers.put("Content-Encoding", "gzip");
    }
    return new Response(200, key.language().mediaType(), headers, body(view, wanted.isGzip()));
  }

  private static ResponseBody body(CachedRepresentation view, boolean isGzip) {
    byte @Nullable [] whole = isGzip ? view.gzipAtHand() : view.plainAtHand();
    if (whole != null) {
      return ResponseBody.of(whole);
    }
    Supplier<RepresentationSource> passes = isGzip ? view::openGzip : view::openPlain;
    long length = isGzip ? view.gzipLength() : view.plainLength();
    return ResponseBody.ofLength(length, () -> passage(passes.get()));
  }

  private static BodySource passage(RepresentationSource pass) {
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
