// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.protocol.model.InstanceInfo;
import io.systole.server.registry.Registry;
import io.systole.server.route.Endpoint;
import io.systole.server.route.Reply;
import io.systole.server.route.Request;

/** An instance whose application isn't known: {@code GET instances/{id}} (spec §1.2 item 11). */
public final class AnywhereEndpoint implements Endpoint {
  private final Registry registry;
  private final Documents documents;

  public AnywhereEndpoint(Registry registry, Documents documents) {
    this.registry = registry;
    this.documents = documents;
  }

  @Override
  public Reply handle(Request request) {
    InstanceInfo instance = registry.findAnywhere(request.variable("id"));
    return instance == null ? Reply.NOT_FOUND : documents.instance(200, instance, request);
  }
}
