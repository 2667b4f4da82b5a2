// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.server.registry.RecentEventLog;
import io.systole.server.registry.Registry;
import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Lists the last registrations, cancellations, extensions and evictions, newest first: {@code GET
 * /systole/recent}.
 */
public final class RecentEndpoint implements RequestHandler {
  private final Registry registry;

  public RecentEndpoint(Registry registry) {
    this.registry = registry;
  }

  @Override
  public Response handle(Request request) {
    ObjectNode response = JsonResponses.object();
    put(registry.recentEvents().registered(), response.putArray("registered"));
    put(registry.recentEvents().cancelled(), response.putArray("cancelled"));
    put(registry.recentEvents().extended(), response.putArray("extended"));
    putEvictions(registry.recentEvents().evicted(), response.putArray("evicted"));
    return JsonResponses.ok(response);
  }

  private static void putEvictions(
      RecentEventLog<RecentEventLog.Eviction> evictions, ArrayNode node) {
    for (RecentEventLog.Eviction eviction : evictions.latest()) {
      node.addObject()
          .put("at", HumanText.timestamp(eviction.atMs()))
          .put("app", eviction.key().app())
          .put("id", eviction.key().id())
          .put("cause", HumanText.nameOf(eviction.cause()))
          .put("by", HumanText.nameOf(eviction.by()))
          .put("because", eviction.reason());
    }
  }

  private static void put(RecentEventLog<RecentEventLog.RecordedEvent> events, ArrayNode node) {
    for (RecentEventLog.RecordedEvent event : events.latest()) {
      node.addObject()
          .put("at", HumanText.timestamp(event.atMs()))
          .put("app", event.key().app())
          .put("id", event.key().id());
    }
  }
}
