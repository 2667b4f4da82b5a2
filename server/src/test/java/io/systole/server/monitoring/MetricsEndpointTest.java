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
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
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
    request(count, Map.of());
  }

  private void request(int count, Map<String, String> headers) {
    Request request = new Request(HttpMethod.GET, Map.of(), QueryParameters.EMPTY, headers);
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

  /** As Prometheus requests it. */
  @Test
  void handle_openMetricsAccepted_isInThatFormat() {
    String accept = "application/openmetrics-text;version=1.0.0;q=0.6,"
        + "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=0.0.4;q=0.4,*/*;q=0.1";

    request(1, Map.of("accept", accept));
    runTasks();

    assertThat(responses.get(0).contentType()).startsWith("application/openmetrics-text;");
    assertThat(responses.get(0).headers()).containsEntry("Vary", "Accept, Accept-Encoding");
    assertThat(text(responses.get(0).bytes())).contains("scrapes 1.0").endsWith("# EOF\n");
  }

  @Test
  void handle_gzipAccepted_isCompressed() throws IOException {
    request(1, Map.of("accept-encoding", "gzip"));
    runTasks();

    assertThat(responses.get(0).headers()).containsEntry("Content-Encoding", "gzip");
    byte[] plain =
        new GZIPInputStream(new ByteArrayInputStream(responses.get(0).bytes())).readAllBytes();
    assertThat(text(plain)).contains("scrapes 1.0");
  }

  @Test
  void handle_severalFormatsAtOnce_shareOneScrapeOfEach() {
    request(2, Map.of());
    request(2, Map.of("accept", "application/openmetrics-text"));
    request(2, Map.of("accept-encoding", "gzip"));
    runTasks();

    assertThat(scrapes).hasValue(3);
    assertThat(responses)
        .extracting(Response::contentType)
        .filteredOn(type -> String.valueOf(type).startsWith("application/openmetrics-text"))
        .hasSize(2);
    assertThat(new HashSet<>(responses)).hasSize(3);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
