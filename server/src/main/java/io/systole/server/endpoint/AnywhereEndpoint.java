// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.server.registry.Registry;
import io.systole.server.route.Answer;
import io.systole.server.route.LateEndpoint;
import io.systole.server.route.Reply;
import io.systole.server.route.Request;
import io.systole.server.view.Views;
import java.util.List;

/**
 * An instance whose application isn't known: {@code GET instances/{id}} (spec §1.2 item 11). Asks
 * in every application, the oldest first. Cost: O(applications).
 */
public final class AnywhereEndpoint implements LateEndpoint {
  private final Registry registry;
  private final Views views;
  private final Documents documents;

  public AnywhereEndpoint(Registry registry, Views views, Documents documents) {
    this.registry = registry;
    this.views = views;
    this.documents = documents;
  }

  @Override
  public void handle(Request request, Answer answer) {
    views.applicationNames(
        apps -> answer.send(reply(apps, request)), cause -> answer.send(Reply.INTERNAL_ERROR));
  }

  private Reply reply(List<String> apps, Request request) {
    String id = request.variable("id");
    for (String app : apps) {
      InstanceInfo instance = registry.find(new InstanceKey(app, id));
      if (instance != null) {
        return documents.instance(200, instance, request);
      }
    }
    return Reply.NOT_FOUND;
  }
}
