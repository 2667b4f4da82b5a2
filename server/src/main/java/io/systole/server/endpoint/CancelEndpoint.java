// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.server.registry.Registry;
import io.systole.server.registry.Requester;
import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;

/** Cancels a lease: {@code DELETE apps/{app}/{id}} (spec §4.1). */
public final class CancelEndpoint implements RequestHandler {
  private final Registry registry;

  public CancelEndpoint(Registry registry) {
    this.registry = registry;
  }

  @Override
  public Response handle(Request request) {
    Requester requester = new Requester(request.principalName(), request.senderText());
    boolean isCancelled = registry.cancel(
        RequestParameters.keyOf(request),
        Registry.NO_TIMESTAMP,
        RequestParameters.originOf(request),
        requester);
    return isCancelled ? Response.OK : Response.NOT_FOUND;
  }
}
