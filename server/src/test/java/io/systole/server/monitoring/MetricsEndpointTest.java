// SPDX-License-Identifier: Apache-2.0
package io.systole.server.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.http.QueryParameters;
import io.systole.server.route.Request;
import io.systole.server.route.Response;
import io.systole.server.route.ResponseCallback;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MetricsEndpointTest {
  private final PrometheusMeterRegistry meters =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private final MetricsEndpoint endpoint = new MetricsEndpoint(meters, tasks::add);
  private final AtomicInteger scrapes = new AtomicInteger();
  private final List<Response> responses = new ArrayList<>();

  MetricsEndpointTest() {
    Gauge.builder("scrapes", scrapes, AtomicInteger::incrementAndGet).register(meters);
  }

  private void request(int count) {
    Request request = new Request(HttpMethod.GET, Map.of(), QueryParameters.EMPTY, Map.of());
    IntStream.range(0, count)
        .forEach(any -> endpoint.handle(request, new ResponseCallback() {
          @Override
          public void send(Response response) {
            responses.add(response);
          }

          @Override
          public void onAbandoned(Runnable action) {}
        }));
  }

  private void runTasks() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  @Test
  void handle_manyAtOnce_shareOneScrape() {
    request(100);
    runTasks();

    assertThat(scrapes).hasValue(1);
    assertThat(responses).hasSize(100).allMatch(response -> response.status() == 200);
  }

  @Test
  void handle_afterAScrapeHasBegun_waitsForTheNext() {
    request(1);
    runTasks();
    request(1);
    runTasks();

    assertThat(scrapes).hasValue(2);
    assertThat(new String(responses.get(1).bytes(), StandardCharsets.UTF_8))
        .contains("scrapes 2.0");
  }

  @Test
  void handle_tooManyWaiting_is503() {
    request(MetricsEndpoint.WAITING_MAX + 1);
    List<Response> refused = List.copyOf(responses);
    runTasks();

    assertThat(refused).containsExactly(Response.OVERLOADED);
    assertThat(responses).hasSize(MetricsEndpoint.WAITING_MAX + 1);
  }
}
