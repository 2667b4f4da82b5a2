// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.server.registry.Registry;
import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;
import java.util.LinkedHashMap;
import java.util.Map;

/** Adds metadata: {@code PUT apps/{app}/{id}/metadata?name=value…} (spec §3.4). */
public final class MetadataEndpoint implements RequestHandler {
  private final Registry registry;

  public MetadataEndpoint(Registry registry) {
    this.registry = registry;
  }

  @Override
  public Response handle(Request request) {
    Map<String, String> entries = new LinkedHashMap<>();
    request.query().pairs().forEach(pair -> entries.putIfAbsent(pair.getKey(), pair.getValue()));
    return switch (registry.addMetadata(RequestParameters.keyOf(request), entries)) {
      case UPDATED -> Response.OK;
      case UNKNOWN_INSTANCE -> Response.NOT_FOUND;
      case TOO_MUCH -> Response.BAD_REQUEST;
      case TOO_LARGE -> Response.CONTENT_TOO_LARGE;
      case NO_SPACE -> Response.OVERLOADED;
    };
  }
}
