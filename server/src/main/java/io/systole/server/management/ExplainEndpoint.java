// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.eviction.Evictor;
import io.systole.server.registry.Registry;
import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;
import tools.jackson.databind.node.ObjectNode;

/**
 * Explains the state of an instance, or its removal: {@code GET /systole/explain/{app}/{id}}.
 * Linear in the expired leases and the retained changes; for an older removal, in the journal.
 */
public final class ExplainEndpoint implements RequestHandler {
  private final InstanceExplainer explainer;

  public ExplainEndpoint(Registry registry, Evictor evictor, RemovalHistory history) {
    this.explainer = new InstanceExplainer(registry, evictor, history);
  }

  @Override
  public Response handle(Request request) {
    InstanceKey key = new InstanceKey(request.variable("app"), request.variable("id"));
    ObjectNode explanation = explainer.explain(key);
    return explanation == null
        ? JsonResponses.refusal(404, explainer.unknownReason(key))
        : JsonResponses.ok(explanation);
  }
}
