// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.server.registry.RecentEvents;
import io.systole.server.registry.Registry;
import io.systole.server.route.Endpoint;
import io.systole.server.route.Reply;
import io.systole.server.route.Request;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The last registrations, cancels, pardons and evictions, newest first: {@code GET
 * /systole/recent}.
 */
public final class RecentEndpoint implements Endpoint {
  private final Registry registry;

  public RecentEndpoint(Registry registry) {
    this.registry = registry;
  }

  @Override
  public Reply handle(Request request) {
    ObjectNode answer = Documents.object();
    put(registry.recentlyRegistered(), answer.putArray("registered"));
    put(registry.recentlyCancelled(), answer.putArray("cancelled"));
    put(registry.recentlyPardoned(), answer.putArray("pardoned"));
    putEvictions(registry.recentlyEvicted(), answer.putArray("evicted"));
    return Documents.ok(answer);
  }

  private static void putEvictions(RecentEvents<RecentEvents.Eviction> evictions, ArrayNode node) {
    for (RecentEvents.Eviction eviction : evictions.latest()) {
      node.addObject()
          .put("at", Words.moment(eviction.atMs()))
          .put("app", eviction.key().app())
          .put("id", eviction.key().id())
          .put("cause", Words.nameOf(eviction.cause()))
          .put("by", Words.nameOf(eviction.by()))
          .put("because", eviction.reason());
    }
  }

  private static void put(RecentEvents<RecentEvents.Event> events, ArrayNode node) {
    for (RecentEvents.Event event : events.latest()) {
      node.addObject()
          .put("at", Words.moment(event.atMs()))
          .put("app", event.key().app())
          .put("id", event.key().id());
    }
  }
}
