// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.registry.Registry;
import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Adds metadata: {@code PUT apps/{app}/{id}/metadata?name=value…} (spec §3.4). */
public final class MetadataEndpoint implements RequestHandler {
  private static final Logger LOG = LoggerFactory.getLogger(MetadataEndpoint.class);

  private final Registry registry;

  public MetadataEndpoint(Registry registry) {
    this.registry = registry;
  }

  @Override
  public Response handle(Request request) {
    Map<String, String> entries = new LinkedHashMap<>();
    request.query().pairs().forEach(pair -> entries.putIfAbsent(pair.getKey(), pair.getValue()));
    InstanceKey key = RequestParameters.keyOf(request);
    return switch (registry.addMetadata(key, entries)) {
      case UPDATED -> Response.OK;
      case UNKNOWN_INSTANCE -> Response.NOT_FOUND;
      case TOO_MUCH -> Response.BAD_REQUEST;
      case TOO_LARGE -> {
        LOG.debug("instance too large with its metadata app={} id={}", key.app(), key.id());
        yield Response.CONTENT_TOO_LARGE;
      }
      case NO_SPACE -> Response.OVERLOADED;
    };
  }
}
