// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.server.eviction.Evictor;
import io.systole.server.registry.Registry;
import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;
import tools.jackson.databind.node.ObjectNode;

/**
 * Shows an instance with its explanation, its document and its history: {@code GET
 * /systole/instances/{app}/{id}}. Linear in the expired leases, the retained changes and the
 * journal.
 */
public final class InstanceDetailsEndpoint implements RequestHandler {
  /** The permitted query. */
  public static final QueryRules QUERY = QueryRules.of("limit");

  private final Registry registry;
  private final InstanceExplainer explainer;
  private final InstanceHistory history;
  private final JsonCodec codec = new JsonCodec();

  public InstanceDetailsEndpoint(Registry registry, Evictor evictor, RemovalHistory journal) {
    this.registry = registry;
    this.explainer = new InstanceExplainer(registry, evictor, journal);
    this.history = new InstanceHistory(registry, journal);
  }

  @Override
  public Response handle(Request request) {
    InstanceKey key = new InstanceKey(request.variable("app"), request.variable("id"));
    int limit = QueryRules.limit(request);
    ObjectNode explanation = explainer.explain(key);
    if (explanation == null) {
      return JsonResponses.refusal(404, explainer.unknownReason(key));
    }
    ObjectNode response = JsonResponses.object()
        .put("app", key.app())
        .put("id", key.id())
        .put("state", explanation.path("state").asString())
        .put("summary", explanation.path("summary").asString());
    response.set("explain", explanation);
    InstanceInfo document = registry.findStored(key);
    if (document == null) {
      response.putNull("document");
    } else {
      response.set(
          "document",
          JsonResponses.read(codec.encodeInstance(document, Form.FULL)).path("instance"));
    }
    history.put(key, limit, response);
    return JsonResponses.ok(response);
  }
}
