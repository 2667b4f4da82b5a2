// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.registry.Change.Cause;
import io.systole.server.registry.RecentEventLog;
import io.systole.server.registry.RecentEventLog.Eviction;
import io.systole.server.registry.RecentEventLog.InstanceEvent;
import io.systole.server.registry.Registry;
import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;
import java.util.function.BiConsumer;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Lists the last registrations, cancellations, extensions and evictions, newest first: {@code GET
 * /systole/recent}.
 */
public final class RecentEndpoint implements RequestHandler {
  /** The permitted query. */
  public static final QueryRules QUERY = QueryRules.of("limit");

  /** The number of events of each kind that the registry holds. */
  private static final int EVENTS_MAX = 1_000;

  private final Registry registry;

  public RecentEndpoint(Registry registry) {
    this.registry = registry;
  }

  @Override
  public Response handle(Request request) {
    int limit = QueryRules.limit(request, EVENTS_MAX, QueryRules.LIMIT_MAX);
    RecentEventLog.ByKind events = registry.recentEvents();
    ObjectNode response = JsonResponses.object();
    put(events.registered(), limit, RecentEndpoint::putEvent, response.putArray("registered"));
    put(events.cancelled(), limit, RecentEndpoint::putCancel, response.putArray("cancelled"));
    put(events.extended(), limit, RecentEndpoint::putExtension, response.putArray("extended"));
    put(events.evicted(), limit, RecentEndpoint::putEviction, response.putArray("evicted"));
    return JsonResponses.ok(response);
  }

  private static <E> void put(
      RecentEventLog<E> events, int limit, BiConsumer<E, ObjectNode> put, ArrayNode array) {
    events.latest().stream().limit(limit).forEach(event -> put.accept(event, array.addObject()));
  }

  private static void putEvent(InstanceEvent event, ObjectNode node) {
    putInstance(event.atMs(), event.key(), node);
  }

  private static void putExtension(InstanceEvent event, ObjectNode node) {
    putInstance(event.atMs(), event.key(), node);
    node.put("by", HumanText.nameOf(event.by()));
    InstanceHistory.putRequester(event.requester(), node);
  }

  /** A cancel has the sender's principal and address: it need not be the instance. */
  private static void putCancel(InstanceEvent event, ObjectNode node) {
    putInstance(event.atMs(), event.key(), node);
    node.put("cause", HumanText.nameOf(Cause.CANCEL))
        .put("by", HumanText.nameOf(event.by()))
        .put("because", HumanText.removalReason(Cause.CANCEL, event.by()));
    InstanceHistory.putRequester(event.requester(), node);
  }

  private static void putEviction(Eviction eviction, ObjectNode node) {
    putInstance(eviction.atMs(), eviction.key(), node);
    node.put("cause", HumanText.nameOf(eviction.cause()))
        .put("by", HumanText.nameOf(eviction.by()))
        .put("because", eviction.reason());
    InstanceHistory.putRequester(eviction.requester(), node);
  }

  private static void putInstance(long atMs, InstanceKey key, ObjectNode node) {
    JsonResponses.putTimestamp(node, "at", atMs);
    node.put("app", key.app()).put("id", key.id());
  }
}
