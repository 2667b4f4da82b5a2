// SPDX-License-Identifier: Apache-2.0
package io.systole.server.ops;

import io.systole.server.route.Endpoint;
import io.systole.server.route.Reply;
import io.systole.server.route.Request;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;

/** {@code GET /health}: 200 while the node serves, 503 from the moment it drains. */
public final class HealthEndpoint implements Endpoint {
  private static final Reply UP = json(200, "{\"status\":\"UP\"}");
  private static final Reply DRAINING = json(503, "{\"status\":\"OUT_OF_SERVICE\"}");

  private final BooleanSupplier isServing;

  public HealthEndpoint(BooleanSupplier isServing) {
    this.isServing = isServing;
  }

  @Override
  public Reply handle(Request request) {
    return isServing.getAsBoolean() ? UP : DRAINING;
  }

  private static Reply json(int status, String document) {
    return Reply.of(status, Reply.JSON, document.getBytes(StandardCharsets.US_ASCII));
  }
}
