// SPDX-License-Identifier: Apache-2.0
package io.systole.server.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.http.QueryParameters;
import io.systole.server.endpoint.Readiness.WaitingTime;
import io.systole.server.route.Request;
import io.systole.server.route.Response;
import io.systole.server.route.ResponseBody;
import io.systole.server.store.StoreCounters.Degradation;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HealthEndpointTest {
  private static final Request GET =
      new Request(HttpMethod.GET, Map.of(), QueryParameters.EMPTY, Map.of());

  private boolean isServing = true;
  private @Nullable Degradation degradation;
  private @Nullable WaitingTime waitingTime;
  private final HealthEndpoint endpoint =
      new HealthEndpoint(() -> isServing, () -> degradation, () -> waitingTime);

  @Test
  void handle_nothingWrong_isUp() {
    Response response = endpoint.handle(GET);

    assertThat(response.status()).isEqualTo(200);
    assertThat(text(response)).isEqualTo("{\"status\":\"UP\"}");
  }

  /** Heartbeats must still reach the node. */
  @Test
  void handle_journalDegraded_is200WithTheReason() {
    degradation = new Degradation("no space on \"disk\"", 1_767_225_600_000L);

    Response response = endpoint.handle(GET);

    assertThat(response.status()).isEqualTo(200);
    assertThat(text(response))
        .isEqualTo("{\"status\":\"UP\",\"journal\":{\"status\":\"DEGRADED\","
            + "\"reason\":\"no space on \\\"disk\\\"\",\"since\":\"2026-01-01T00:00:00Z\"}}");
  }

  /** Regression: only the 403 of the reads showed that they were refused. */
  @Test
  void handle_readsRefused_is200WithTheReasonAndTheEnd() {
    waitingTime = new WaitingTime("see --wait-when-empty", 1_767_225_600_000L, 0);

    Response response = endpoint.handle(GET);

    assertThat(response.status()).isEqualTo(200);
    assertThat(text(response))
        .isEqualTo("{\"status\":\"UP\",\"reads\":{\"status\":\"REFUSED\","
            + "\"reason\":\"see --wait-when-empty\",\"until\":\"2026-01-01T00:00:00Z\"}}");
  }

  @Test
  void handle_journalDegradedAndReadsRefused_reportsBoth() {
    degradation = new Degradation("no space", 0);
    waitingTime = new WaitingTime("see --wait-when-empty", 0, 0);

    assertThat(text(endpoint.handle(GET))).contains("\"journal\":{", "\"reads\":{");
  }

  @Test
  void handle_draining_is503() {
    isServing = false;

    assertThat(endpoint.handle(GET).status()).isEqualTo(503);
  }

  private static String text(Response response) {
    return new String(((ResponseBody.Full) response.body()).bytes(), StandardCharsets.UTF_8);
  }
}
