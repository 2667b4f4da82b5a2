// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.http.QueryParameters;
import io.systole.server.net.ResponseWriter.ResponseFraming;
import io.systole.server.route.Request;
import io.systole.server.route.Response;
import io.systole.server.route.Route;
import java.util.Map;

/** A decoded request head with its route, while the body is being received. */
record PendingRequest(Route route, Request request, ResponseFraming framing) {
  /** Placeholder for no request. */
  static final PendingRequest NONE = new PendingRequest(
      Route.onEventLoop(request -> Response.INTERNAL_ERROR),
      new Request(HttpMethod.GET, Map.of(), QueryParameters.EMPTY, Map.of()),
      ResponseFraming.PLAIN);

  boolean takesBody() {
    return route.takesBody();
  }
}
