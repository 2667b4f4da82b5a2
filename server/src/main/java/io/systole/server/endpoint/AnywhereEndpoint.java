// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.server.registry.Registry;
import io.systole.server.route.Endpoint;
import io.systole.server.route.Reply;
import io.systole.server.route.Request;
import io.systole.server.view.Views;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * An instance whose application isn't known: {@code GET instances/{id}} (spec §1.2 item 11). Asks
 * in every application, the oldest first. Cost: O(applications).
 */
public final class AnywhereEndpoint implements Endpoint {
  private final Registry registry;
  private final Views views;
  private final Documents documents;

  public AnywhereEndpoint(Registry registry, Views views, Documents documents) {
    this.registry = registry;
    this.views = views;
    this.documents = documents;
  }

  @Override
  public Reply handle(Request request) {
    String id = request.variable("id");
    CompletableFuture<List<String>> apps = new CompletableFuture<>();
    views.applicationNames(apps::complete);
    for (String app :
        apps.orTimeout(AwaitedView.PATIENCE_SECONDS, TimeUnit.SECONDS).join()) {
      InstanceInfo instance = registry.find(new InstanceKey(app, id));
      if (instance != null) {
        return documents.instance(200, instance, request);
      }
    }
    return Reply.NOT_FOUND;
  }
}
