// SPDX-License-Identifier: Apache-2.0
package io.systole.server.monitoring;

import io.systole.server.monitoring.NodeHealth.Limitation;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The probes of an orchestrator: {@code GET /health/live} and {@code GET /health/ready}. */
public final class ProbeEndpoints {
  private static final JsonMapper MAPPER = new JsonMapper();

  private static final Response LIVE = json(200, MAPPER.createObjectNode().put("status", "UP"));

  private final NodeHealth health;

  public ProbeEndpoints(NodeHealth health) {
    this.health = health;
  }

  /** Returns the handler that responds with 200 as long as the process handles requests. */
  public RequestHandler liveness() {
    return request -> LIVE;
  }

  /** Returns the handler that responds with 200 while the node should receive requests, or 503. */
  public RequestHandler readiness() {
    return request -> readinessNow();
  }

  private Response readinessNow() {
    List<Limitation> limitations = health.limitations();
    boolean isReady = NodeHealth.isReady(limitations);
    ObjectNode document = MAPPER.createObjectNode().put("status", isReady ? "UP" : "DOWN");
    ArrayNode reasons = document.putArray("reasons");
    for (Limitation limitation : limitations) {
      reasons
          .addObject()
          .put("code", limitation.kind().name().toLowerCase(Locale.ROOT))
          .put("reason", limitation.reason());
    }
    return json(isReady ? 200 : 503, document);
  }

  private static Response json(int status, ObjectNode document) {
    return Response.of(status, Response.JSON, document.toString().getBytes(StandardCharsets.UTF_8));
  }
}
