// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.server.auth.Refusal;
import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;
import java.util.List;
import java.util.function.Supplier;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Lists the last requests refused for their sender, newest first: {@code GET /systole/refused}. */
public final class RefusedEndpoint implements RequestHandler {
  private final Supplier<List<Refusal>> refusals;

  /** @param refusals returns them, newest first */
  public RefusedEndpoint(Supplier<List<Refusal>> refusals) {
    this.refusals = refusals;
  }

  @Override
  public Response handle(Request request) {
    ObjectNode response = JsonResponses.object();
    ArrayNode refused = response.putArray("refused");
    for (Refusal refusal : refusals.get()) {
      ObjectNode node = refused
          .addObject()
          .put("source", refusal.source())
          .put("principal", refusal.principal())
          .put("reason", refusal.reason())
          .put("count", refusal.count())
          .put("request", refusal.request());
      JsonResponses.putTimestamp(node, "last", refusal.lastMs());
    }
    return JsonResponses.ok(response);
  }
}
