// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.server.events.EventStreams;
import io.systole.server.events.StreamFilter;
import io.systole.server.responsecache.CacheKey.CacheScope;
import io.systole.server.route.AsyncRequestHandler;
import io.systole.server.route.Request;
import io.systole.server.route.Response;
import io.systole.server.route.ResponseBody;
import io.systole.server.route.ResponseCallback;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Many instances: the whole registry, one application, or all behind a virtual name (spec §1.2
 * items 1, 3, 12 and 13); as a document, or as a stream of events for who accepts one.
 * {@code regions} is taken and means nothing: there are no other regions.
 */
public final class ApplicationsEndpoint implements AsyncRequestHandler {
  private final CachedResponses ready;
  private final EventStreams streams;
  private final Function<Request, StreamFilter> scope;

  private ApplicationsEndpoint(
      CachedResponses ready, EventStreams streams, Function<Request, StreamFilter> scope) {
    this.ready = ready;
    this.streams = streams;
    this.scope = scope;
  }

  /** {@code GET apps}. */
  public static ApplicationsEndpoint everything(CachedResponses ready, EventStreams streams) {
    return new ApplicationsEndpoint(
        ready, streams, request -> new StreamFilter(CacheScope.FULL, ""));
  }

  /** {@code GET apps/{app}}. */
  public static ApplicationsEndpoint application(CachedResponses ready, EventStreams streams) {
    return new ApplicationsEndpoint(
        ready,
        streams,
        request -> new StreamFilter(
            CacheScope.APPLICATION, request.variable("app").toUpperCase(Locale.ROOT)));
  }

  /**
   * {@code GET vips/{vip}}, {@code GET svips/{vip}}. An unknown name has none; that is no error.
   *
   * @param extent which of the two virtual names is asked for
   */
  public static ApplicationsEndpoint behind(
      CacheScope extent, CachedResponses ready, EventStreams streams) {
    return new ApplicationsEndpoint(
        ready, streams, request -> new StreamFilter(extent, request.variable("vip")));
  }

  @Override
  public void handle(Request request, ResponseCallback callback) {
    StreamFilter requested = scope.apply(request);
    if (ContentNegotiation.isEvents(request)) {
      stream(requested, request.header("last-event-id"), callback);
    } else {
      ready.send(requested.extent(), requested.name(), request, callback, Response.NOT_FOUND);
    }
  }

  private void stream(
      StreamFilter requested, @Nullable String lastEventId, ResponseCallback callback) {
    Consumer<ResponseBody> onSnapshot = body -> callback.send(events(body));
    Consumer<Throwable> failed = cause -> callback.send(Response.INTERNAL_ERROR);
    long seen = lastEventId == null ? NonNegativeLong.NONE : NonNegativeLong.parse(lastEventId);
    if (seen == NonNegativeLong.NONE) {
      streams.begin(requested, onSnapshot, failed);
    } else {
      streams.resume(requested, seen, onSnapshot, failed);
    }
  }

  private static Response events(ResponseBody body) {
    return new Response(200, "text/event-stream", Map.of("Cache-Control", "no-store"), body);
  }
}
