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

/**
 * Reads many instances: the full registry, an application, or a VIP address (spec §1.2 items 1, 3,
 * 12 and 13), as a document, or as an event stream if the request accepts one. {@code regions} is
 * ignored: there are no other regions.
 */
public final class ApplicationsEndpoint implements AsyncRequestHandler {
  private final CachedResponses cachedResponses;
  private final EventStreams streams;
  private final Function<Request, StreamFilter> filter;

  private ApplicationsEndpoint(
      CachedResponses cachedResponses,
      EventStreams streams,
      Function<Request, StreamFilter> filter) {
    this.cachedResponses = cachedResponses;
    this.streams = streams;
    this.filter = filter;
  }

  /** {@code GET apps}. */
  public static ApplicationsEndpoint everything(
      CachedResponses cachedResponses, EventStreams streams) {
    return new ApplicationsEndpoint(
        cachedResponses, streams, request -> new StreamFilter(CacheScope.FULL, ""));
  }

  /** {@code GET apps/{app}}. */
  public static ApplicationsEndpoint application(
      CachedResponses cachedResponses, EventStreams streams) {
    return new ApplicationsEndpoint(
        cachedResponses,
        streams,
        request -> new StreamFilter(
            CacheScope.APPLICATION, request.variable("app").toUpperCase(Locale.ROOT)));
  }

  /**
   * {@code GET vips/{vip}}, {@code GET svips/{vip}}. An unknown address yields an empty document,
   * not an error.
   *
   * @param scope which of the two addresses
   */
  public static ApplicationsEndpoint behind(
      CacheScope scope, CachedResponses cachedResponses, EventStreams streams) {
    return new ApplicationsEndpoint(
        cachedResponses, streams, request -> new StreamFilter(scope, request.variable("vip")));
  }

  @Override
  public void handle(Request request, ResponseCallback callback) {
    StreamFilter requested = filter.apply(request);
    if (ContentNegotiation.acceptsEvents(request)) {
      stream(requested, request, callback);
    } else {
      cachedResponses.send(
          requested.scope(), requested.name(), request, callback, Response.NOT_FOUND);
    }
  }

  private void stream(StreamFilter requested, Request request, ResponseCallback callback) {
    String lastEventId = request.header("last-event-id");
    Consumer<ResponseBody> onSnapshot =
        body -> callback.send(events(PermittedBody.of(body, request.principal())));
    Consumer<Throwable> failed = cause -> callback.send(Response.INTERNAL_ERROR);
    long seen = lastEventId == null
        ? RequestParameters.NO_NUMBER
        : RequestParameters.nonNegative(lastEventId);
    if (seen == RequestParameters.NO_NUMBER) {
      streams.begin(requested, onSnapshot, failed);
    } else {
      streams.resume(requested, seen, onSnapshot, failed);
    }
  }

  private static Response events(ResponseBody body) {
    return new Response(200, "text/event-stream", Map.of("Cache-Control", "no-store"), body);
  }
}
