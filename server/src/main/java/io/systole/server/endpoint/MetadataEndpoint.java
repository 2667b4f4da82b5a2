// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.server.registry.Registry;
import io.systole.server.route.Endpoint;
import io.systole.server.route.Reply;
import io.systole.server.route.Request;
import java.util.LinkedHashMap;
import java.util.Map;

/** Adds metadata: {@code PUT apps/{app}/{id}/metadata?name=value…} (spec §3.4). */
public final class MetadataEndpoint implements Endpoint {
  private final Registry registry;

  public MetadataEndpoint(Registry registry) {
    this.registry = registry;
  }

  @Override
  public Reply handle(Request request) {
    Map<String, String> entries = new LinkedHashMap<>();
    request.query().pairs().forEach(pair -> entries.putIfAbsent(pair.getKey(), pair.getValue()));
    return switch (registry.addMetadata(Keys.of(request), entries)) {
      case AMENDED -> Reply.OK;
      case UNKNOWN_INSTANCE -> Reply.NOT_FOUND;
      case TOO_MUCH -> Reply.BAD_REQUEST;
      case TOO_LARGE -> Reply.CONTENT_TOO_LARGE;
      case NO_ROOM -> Reply.OVERLOADED;
    };
  }
}
