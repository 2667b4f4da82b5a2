// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.config.ConfigParser;
import io.systole.server.time.ManualClock;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A real node over loopback: heartbeats in their fast and general forms, and related requests. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HeartbeatServerTest {
  private static final long DIRTY_MS = 1_700_000_000_000L;

  private final ManualClock clock = new ManualClock();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private HeartbeatServer server;
  private String root;

  @BeforeAll
  void start() throws IOException {
    server = new HeartbeatServer(
        ConfigParser.read(Map.of("--port", "0", "--bind", "127.0.0.1"), Map.of()), clock);
    root = "http://127.0.0.1:" + server.start().getPort();
  }

  @AfterAll
  void stop() {
    server.close();
  }

  @Test
  void instance_lifecycle() throws Exception {
    assertBare(put("/v2/apps/LIFE/i-1?status=UP"), 404);

    HttpResponse<String> registered = register("LIFE", "i-1", "UP");
    assertThat(registered.statusCode()).isEqualTo(204);
    assertThat(registered.body()).isEmpty();

    assertBare(put("/v2/apps/LIFE/i-1?status=UP&lastDirtyTimestamp=" + DIRTY_MS), 200);
    assertBare(put("/eureka/apps/life/i-1"), 200);
    assertBare(put("/eureka/v2/apps/Life/i%2D1/"), 200);

    HttpResponse<String> json = get("/v2/apps/LIFE/i-1", "application/json");
    assertThat(json.statusCode()).isEqualTo(200);
    assertThat(json.headers().firstValue("content-type")).hasValue("application/json");
    assertThat(json.body()).startsWith("{\"instance\":{\"instanceId\":\"i-1\"");
    HttpResponse<String> xml = get("/v2/apps/LIFE/i-1", "*/*");
    assertThat(xml.headers().firstValue("content-type")).hasValue("application/xml");
    assertThat(xml.body()).startsWith("<instance>");

    assertBare(send("DELETE", "/v2/apps/LIFE/i-1"), 200);
    assertBare(put("/v2/apps/LIFE/i-1?status=UP"), 404);
    assertBare(send("DELETE", "/v2/apps/LIFE/i-1"), 404);
    assertThat(get("/v2/apps/LIFE/i-1", "application/json").statusCode()).isEqualTo(404);
  }

  @ParameterizedTest(name = "spec §8 row {0}: PUT ?{1} peer={2} is {3}")
  @CsvSource({
    "6, '', false, 200",
    "8, lastDirtyTimestamp=1700000000001, false, 404",
    "9, lastDirtyTimestamp=1699999999999, false, 200",
    "10, lastDirtyTimestamp=1699999999999, true, 409",
    "13 (ours: 400 before any effect), lastDirtyTimestamp=abc, false, 400",
    "13 (ours: 400 before any effect), lastDirtyTimestamp=, false, 400",
    "14, lastDirtyTimestamp=-1, false, 200",
    "14 at the least number, lastDirtyTimestamp=-9223372036854775808, false, 200",
    "15, lastDirtyTimestamp=%2B1700000000000, false, 200",
    "16, lastDirtyTimestamp=1700000000000&lastDirtyTimestamp=1800000000000, false, 200",
    "17, status=DOWN, false, 200",
    "26, lastDirtyTimestamp=1700000000001&overriddenstatus=BOGUS, false, 404",
    "27, lastDirtyTimestamp=1700000000001&overriddenstatus=BOGUS, true, 404"
  })
  void heartbeat_byRow(String row, String query, boolean isPeer, int status) throws Exception {
    register("ROWS", "i-1", "UP");

    HttpResponse<String> response = send(request("/v2/apps/ROWS/i-1?" + query)
        .header("Accept", "application/json")
        .header("x-netflix-discovery-replication", Boolean.toString(isPeer))
        .PUT(BodyPublishers.noBody()));

    assertThat(response.statusCode()).as(row).isEqualTo(status);
    if (status == 409) {
      assertThat(response.body()).contains("\"lastDirtyTimestamp\":\"1700000000000\"");
    } else {
      assertThat(response.body()).isEmpty();
    }
  }

  @Test
  void heartbeat_row28And29_peersOverrideIsAppliedWithTheNextHeartbeat() throws Exception {
    register("OVER", "i-1", "UP");
    send(request(
            "/v2/apps/OVER/i-1?lastDirtyTimestamp=1700000000001&overriddenstatus=OUT_OF_SERVICE")
        .header("x-netflix-discovery-replication", "true")
        .PUT(BodyPublishers.noBody()));
    assertThat(get("/v2/apps/OVER/i-1", "application/json").body()).contains("\"status\":\"UP\"");

    assertBare(put("/v2/apps/OVER/i-1?lastDirtyTimestamp=" + DIRTY_MS), 200);

    assertThat(get("/v2/apps/OVER/i-1", "application/json").body())
        .contains("\"status\":\"OUT_OF_SERVICE\"");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "no host       | {'instance':{'instanceId':'i','app':'CHECK','ipAddr':'1'}} | Missing hostname",
        "no ip         | {'instance':{'instanceId':'i','app':'CHECK','hostName':'h'}} | Missing ip address",
        "no id at all  | {'instance':{'app':'CHECK','ipAddr':'1'}} | Missing instanceId",
        "other app     | {'instance':{'instanceId':'i','app':'OTHER','hostName':'h','ipAddr':'1'}}"
            + " | Mismatched appName, expecting CHECK but was OTHER",
        "no data center| {'instance':{'instanceId':'i','app':'CHECK','hostName':'h','ipAddr':'1'}}"
            + " | Missing dataCenterInfo",
        "not JSON      | {'instance': | {\"error\": \"cannot parse request body\"}"
      })
  void register_invalid_is400WithItsText(String name, String body, String text) throws Exception {
    HttpResponse<String> response = send(request("/v2/apps/CHECK")
        .header("Content-Type", "application/json")
        .header("Accept", "application/json")
        .POST(BodyPublishers.ofString(body.replace('\'', '"'))));

    assertThat(response.statusCode()).as(name).isEqualTo(400);
    assertThat(response.body()).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"text/plain", "application/json; charset=UTF-16", "application/x-www-form-urlencoded"
  })
  void register_otherMediaType_is415(String type) throws Exception {
    HttpResponse<String> response = send(request("/v2/apps/CHECK")
        .header("Content-Type", type)
        .POST(BodyPublishers.ofString(document("CHECK", "i", "UP"))));

    assertBare(response, 415);
  }

  @Test
  void register_amazonWithoutMachineId_isGivenItsOwnId() throws Exception {
    String amazon = document("AMZ", "i-1", "UP")
        .replace("InstanceInfo$DefaultDataCenterInfo", "AmazonInfo")
        .replace("{\"name\":\"MyOwn\"", "{\"name\":\"Amazon\",\"metadata\":{}");
    send(request("/v2/apps/AMZ")
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString(amazon)));

    assertThat(get("/v2/apps/AMZ/i-1", "application/json").body())
        .contains("\"metadata\":{\"instance-id\":\"i-1\"}");
  }

  @Test
  void heartbeat_statusUnknown_is404() throws Exception {
    register("ODD", "i-1", "BOGUS");

    assertBare(put("/v2/apps/ODD/i-1"), 404);
  }

  @Test
  void health_whileServing_is200() throws Exception {
    assertThat(get("/health", "*/*").body()).isEqualTo("{\"status\":\"UP\"}");
  }

  @Test
  void status_ofANode_showsThePortItListensOn() throws Exception {
    HttpResponse<String> status = get("/v2/status", "*/*");

    assertThat(status.statusCode()).isEqualTo(200);
    assertThat(status.body())
        .startsWith("<com.netflix.eureka.util.StatusInfo>")
        .contains("<app>SYSTOLE</app>")
        .contains("<port enabled=\"true\">" + URI.create(root).getPort() + "</port>");
  }

  @Test
  void metrics_afterHeartbeats_countThem() throws Exception {
    double before = metric("systole_registry_renewals_total{outcome=\"renewed\"}");
    register("COUNT", "i-1", "UP");

    for (int i = 0; i < 5; i++) {
      put("/v2/apps/COUNT/i-1");
    }

    assertThat(metric("systole_registry_renewals_total{outcome=\"renewed\"}") - before)
        .isEqualTo(5);
    assertThat(metric("systole_registry_leases")).isPositive();
    assertThat(metric("systole_net_connections")).isPositive();
    assertThat(metric("systole_net_requests_malformed_total{status=\"431\"}")).isNotNegative();
  }

  private double metric(String name) throws Exception {
    return get("/metrics", "text/plain")
        .body()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no metric " + name));
  }

  /** Errors to a heartbeat must not have a body, or Netflix's client never recovers (spec §1.7). */
  private static void assertBare(HttpResponse<String> response, int status) {
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(response.headers().firstValue("content-length")).hasValue("0");
    assertThat(response.headers().firstValue("content-type")).isEmpty();
    assertThat(response.body()).isEmpty();
  }

  private HttpResponse<String> register(String app, String id, String status) throws Exception {
    return send(request("/v2/apps/" + app)
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString(document(app, id, status))));
  }

  private static String document(String app, String id, String status) {
    return """
        {"instance":{"instanceId":"%s","hostName":"h1","app":"%s","ipAddr":"10.0.0.1",
        "status":"%s","lastDirtyTimestamp":"%d","dataCenterInfo":{"name":"MyOwn",
        "@class":"com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo"}}}""".formatted(id, app, status, DIRTY_MS);
  }

  private HttpResponse<String> put(String path) throws Exception {
    return send("PUT", path);
  }

  private HttpResponse<String> get(String path, String accept) throws Exception {
    return send(request(path).header("Accept", accept).GET());
  }

  private HttpResponse<String> send(String method, String path) throws Exception {
    return send(request(path).method(method, BodyPublishers.noBody()));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(root + path)).timeout(Duration.ofSeconds(10));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), BodyHandlers.ofString());
  }
}
