// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.protocol.codec.JsonCodec;
import io.systole.server.registry.Registry;
import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;

/** Lists all status overrides: {@code GET serverinfo/statusoverrides} (item 17). */
public final class StatusOverridesEndpoint implements RequestHandler {
  private final Registry registry;
  private final JsonCodec codec = new JsonCodec();

  public StatusOverridesEndpoint(Registry registry) {
    this.registry = registry;
  }

  @Override
  public Response handle(Request request) {
    return Response.of(
        200, Response.JSON, codec.encodeOverrides(registry.statusOverrides().byId()));
  }
}
