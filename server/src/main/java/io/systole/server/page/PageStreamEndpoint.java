// SPDX-License-Identifier: Apache-2.0
package io.systole.server.page;

import io.systole.server.endpoint.PermittedBody;
import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;
import io.systole.server.route.ResponseBody;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * Streams what the page shows: {@code GET /systole/stream}, and the instances of an application:
 * {@code GET /systole/stream/{app}}.
 */
public final class PageStreamEndpoint implements RequestHandler {
  private static final Map<String, String> HEADERS =
      Map.of("Cache-Control", "no-store", "X-Content-Type-Options", "nosniff");

  private final PageStreams streams;
  private final Function<Request, ResponseBody> body;

  private PageStreamEndpoint(PageStreams streams, Function<Request, ResponseBody> body) {
    this.streams = streams;
    this.body = body;
  }

  /** Returns the endpoint of the node's stream. */
  public static PageStreamEndpoint ofNode(PageStreams streams) {
    return new PageStreamEndpoint(streams, request -> streams.ofNode());
  }

  /** Returns the endpoint of the stream of the application {@code app}. */
  public static PageStreamEndpoint ofApplication(PageStreams streams) {
    return new PageStreamEndpoint(
        streams,
        request -> streams.ofApplication(request.variable("app").toUpperCase(Locale.ROOT)));
  }

  @Override
  public Response handle(Request request) {
    if (streams.isFull()) {
      return Response.OVERLOADED;
    }
    ResponseBody events = PermittedBody.of(body.apply(request), request.principal());
    return new Response(200, "text/event-stream", HEADERS, events);
  }
}
