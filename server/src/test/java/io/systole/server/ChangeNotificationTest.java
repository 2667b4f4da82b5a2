// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.config.ConfigParser;
import io.systole.server.registry.Instances;
import io.systole.server.registry.Origin;
import io.systole.server.time.ManualClock;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Change notification of a real node over loopback: streams, polls, conditional requests. */
@Timeout(60)
class ChangeNotificationTest {
  private final ManualClock clock = new ManualClock();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private HeartbeatServer server;
  private String root;

  @BeforeEach
  void start() throws IOException {
    server = new HeartbeatServer(
        ConfigParser.read(
            Map.of(
                "--port", "0",
                "--bind", "127.0.0.1",
                "--drain-timeout", "30s"),
            Map.of()),
        clock);
    root = "http://127.0.0.1:" + server.start().getPort() + "/eureka";
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void stream_resumed_missesNoChange() throws Exception {
    register("a");
    String lastId;
    try (BufferedReader events = stream("/apps")) {
      assertThat(events(events, 3))
          .satisfiesExactly(
              reset -> assertThat(reset).contains("event: reset", "{\"instances\":1}"),
              instance -> assertThat(instance).contains("\"instanceId\":\"a\""),
              synced -> assertThat(synced).contains("event: synced", "UP_1_"));
      register("b");
      String change = events(events, 1).get(0);
      assertThat(change).contains("\"instanceId\":\"b\"", "\"actionType\":\"ADDED\"");
      lastId = change.lines().findFirst().orElseThrow().substring("id: ".length());
    }
    server.registry().cancel(new InstanceKey("A", "a"), Origin.CLIENT);

    try (BufferedReader events = stream("/apps", "Last-Event-ID", lastId)) {
      assertThat(events(events, 1).get(0))
          .contains("\"instanceId\":\"a\"", "\"actionType\":\"DELETED\"");
    }
  }

  @Test
  void streams_ofAnApplicationAndAVip_reportTheirOwn() throws Exception {
    register("a");

    try (BufferedReader app = stream("/apps/a");
        BufferedReader vip = stream("/vips/nobody")) {
      assertThat(events(app, 3).get(1)).contains("\"instanceId\":\"a\"");
      assertThat(events(vip, 2).get(1)).contains("event: synced", "\"\"");
    }
  }

  @Test
  void poll_isAnsweredByTheChange() throws Exception {
    register("a");
    String version = header(get("/apps/delta"), "systole-version");

    CompletableFuture<HttpResponse<String>> poll = client.sendAsync(
        request("/apps/delta?wait=50&since=" + version).build(), BodyHandlers.ofString());
    register("b");

    HttpResponse<String> reported = poll.get(30, TimeUnit.SECONDS);
    assertThat(reported.statusCode()).isEqualTo(200);
    assertThat(reported.body())
        .contains("\"instanceId\":\"b\"")
        .doesNotContain("\"instanceId\":\"a\"");
    assertThat(header(reported, "systole-version"))
        .isEqualTo(Long.toString(server.registry().version()));
  }

  @Test
  void close_whileAPollIsPending_answersItAtOnce() throws Exception {
    register("a");
    String version = header(get("/apps/delta"), "systole-version");
    CompletableFuture<HttpResponse<String>> poll = client.sendAsync(
        request("/apps/delta?wait=50&since=" + version).build(), BodyHandlers.ofString());
    await().until(() -> metrics().contains("systole_events_polls 1.0"));

    CompletableFuture<Void> closed = CompletableFuture.runAsync(server::close);

    HttpResponse<String> reported = poll.get(30, TimeUnit.SECONDS);
    assertThat(reported.statusCode()).isEqualTo(200);
    assertThat(reported.body()).doesNotContain("\"instanceId\"");
    assertThat(closed).succeedsWithin(10, TimeUnit.SECONDS);
  }

  @Test
  void get_withMatchingTag_is304() throws Exception {
    register("a");
    for (String path : List.of("/apps", "/apps/delta", "/apps/A", "/vips/v")) {
      String tag = header(get(path), "etag");

      HttpResponse<String> again = get(path, "If-None-Match", tag);

      assertThat(again.statusCode()).as(path).isEqualTo(304);
      assertThat(again.body()).isEmpty();
      assertThat(header(again, "etag")).isEqualTo(tag);
    }
  }

  @Test
  void get_long_isSentInSegmentsAndIsTheSame() throws Exception {
    for (int i = 0; i < 3_000; i++) {
      register("i-" + i);
    }

    HttpResponse<String> whole = get("/apps");

    assertThat(whole.body().length()).isGreaterThan(1024 * 1024);
    assertThat(header(whole, "content-length"))
        .isEqualTo(Integer.toString(whole.body().getBytes(StandardCharsets.UTF_8).length));
    assertThat(whole.body().split("\"instanceId\"", -1)).hasSize(3_001);
  }

  // ---------------------------------------------------------------- helpers

  private void register(String id) {
    server.registry().register(Instances.up("A", id, 90), Origin.CLIENT);
  }

  private BufferedReader stream(String path, String... headers) throws Exception {
    HttpRequest.Builder request = request(path).setHeader("Accept", "text/event-stream");
    if (headers.length > 0) {
      request.headers(headers);
    }
    HttpResponse<InputStream> response = client.send(request.build(), BodyHandlers.ofInputStream());
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type")).hasValue("text/event-stream");
    return new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
  }

  /** Returns the next events as text. */
  private static List<String> events(BufferedReader stream, int count) throws IOException {
    List<String> events = new ArrayList<>();
    while (events.size() < count) {
      StringBuilder event = new StringBuilder();
      for (String line = stream.readLine(); !line.isEmpty(); line = stream.readLine()) {
        event.append(line).append('\n');
      }
      events.add(event.toString());
    }
    return events;
  }

  private String metrics() throws Exception {
    URI uri = URI.create(root).resolve("/metrics");
    return client
        .send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString())
        .body();
  }

  private HttpResponse<String> get(String path, String... headers) throws Exception {
    HttpRequest.Builder request = request(path);
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(root + path))
        .timeout(Duration.ofSeconds(30))
        .header("Accept", "application/json");
  }

  private static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElseThrow();
  }
}
