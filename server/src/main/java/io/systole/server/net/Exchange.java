// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.http.QueryParameters;
import io.systole.server.net.ReplyWriter.Manner;
import io.systole.server.route.Reply;
import io.systole.server.route.Request;
import io.systole.server.route.Route;
import java.util.Map;

/** A request on its way to an endpoint, while its body arrives. */
record Exchange(Route route, Request request, Manner manner) {
  /** Stands where there is no request. */
  static final Exchange NONE = new Exchange(
      Route.quick(request -> Reply.INTERNAL_ERROR),
      new Request(HttpMethod.GET, Map.of(), QueryParameters.EMPTY, Map.of()),
      Manner.PLAIN);

  boolean takesBody() {
    return route.takesBody();
  }
}
