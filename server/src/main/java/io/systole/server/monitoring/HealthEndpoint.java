// SPDX-License-Identifier: Apache-2.0
package io.systole.server.monitoring;

import io.systole.server.endpoint.Readiness.WaitingTime;
import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;
import io.systole.server.store.StoreCounters.Degradation;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code GET /health}: 200 while the node serves, 503 once it drains. A failing disk, and reads
 * that are refused after the start, are reported only in the body: heartbeats need neither, but
 * would fail if a load balancer took the node out of service.
 */
public final class HealthEndpoint implements RequestHandler {
  private static final JsonMapper MAPPER = new JsonMapper();

  private static final Response UP = json(200, status("UP"));
  private static final Response DRAINING = json(503, status("OUT_OF_SERVICE"));

  private final BooleanSupplier isServing;
  private final Supplier<@Nullable Degradation> journal;
  private final Supplier<@Nullable WaitingTime> reads;

  /**
   * Creates an endpoint.
   *
   * @param isServing whether the node accepts requests
   * @param journal returns the degradation of the journal, or null
   * @param reads returns the time in which reads are refused, or null
   */
  public HealthEndpoint(
      BooleanSupplier isServing,
      Supplier<@Nullable Degradation> journal,
      Supplier<@Nullable WaitingTime> reads) {
    this.isServing = isServing;
    this.journal = journal;
    this.reads = reads;
  }

  @Override
  public Response handle(Request request) {
    if (!isServing.getAsBoolean()) {
      return DRAINING;
    }
    Degradation degradation = journal.get();
    WaitingTime waitingTime = reads.get();
    return degradation == null && waitingTime == null
        ? UP
        : json(200, limited(degradation, waitingTime));
  }

  private static ObjectNode limited(
      @Nullable Degradation degradation, @Nullable WaitingTime waitingTime) {
    ObjectNode document = status("UP");
    if (degradation != null) {
      document
          .putObject("journal")
          .put("status", "DEGRADED")
          .put("reason", degradation.reason())
          .put("since", Instant.ofEpochMilli(degradation.sinceMs()).toString());
    }
    if (waitingTime != null) {
      document
          .putObject("reads")
          .put("status", "REFUSED")
          .put("reason", waitingTime.reason())
          .put("until", Instant.ofEpochMilli(waitingTime.untilMs()).toString());
    }
    return document;
  }

  private static ObjectNode status(String status) {
    return MAPPER.createObjectNode().put("status", status);
  }

  private static Response json(int status, ObjectNode document) {
    return Response.of(status, Response.JSON, document.toString().getBytes(StandardCharsets.UTF_8));
  }
}
