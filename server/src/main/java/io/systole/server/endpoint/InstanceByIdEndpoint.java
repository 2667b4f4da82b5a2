// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.server.registry.Registry;
import io.systole.server.responsecache.ResponseCache;
import io.systole.server.route.AsyncRequestHandler;
import io.systole.server.route.Request;
import io.systole.server.route.Response;
import io.systole.server.route.ResponseCallback;
import java.util.List;

/**
 * {@code GET instances/{id}}: an instance of any application (spec §1.2 item 11). Searches all
 * applications, oldest first. Cost: O(applications).
 */
public final class InstanceByIdEndpoint implements AsyncRequestHandler {
  private final Registry registry;
  private final ResponseCache cache;
  private final DocumentResponses documents;

  public InstanceByIdEndpoint(Registry registry, ResponseCache cache, DocumentResponses documents) {
    this.registry = registry;
    this.cache = cache;
    this.documents = documents;
  }

  @Override
  public void handle(Request request, ResponseCallback callback) {
    cache.applicationNames(
        apps -> callback.send(response(apps, request)),
        cause -> callback.send(Response.INTERNAL_ERROR));
  }

  private Response response(List<String> apps, Request request) {
    String id = request.variable("id");
    for (String app : apps) {
      InstanceInfo instance = registry.find(new InstanceKey(app, id));
      if (instance != null) {
        return documents.instance(200, instance, request);
      }
    }
    return Response.NOT_FOUND;
  }
}
