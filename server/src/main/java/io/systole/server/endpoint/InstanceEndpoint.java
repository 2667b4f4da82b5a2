// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.protocol.model.InstanceInfo;
import io.systole.server.registry.Registry;
import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;

/** Reads an instance: {@code GET apps/{app}/{id}} (spec §1.2 item 5). */
public final class InstanceEndpoint implements RequestHandler {
  private final Registry registry;
  private final DocumentResponses documents;

  public InstanceEndpoint(Registry registry, DocumentResponses documents) {
    this.registry = registry;
    this.documents = documents;
  }

  @Override
  public Response handle(Request request) {
    InstanceInfo instance = registry.find(RequestParameters.keyOf(request));
    return instance == null ? Response.NOT_FOUND : documents.instance(200, instance, request);
  }
}
