// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.systole.protocol.time.Clock;
import io.systole.server.config.ConfigParser;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A node on loopback with the actions of an operator. */
final class OperatedNode implements AutoCloseable {
  private static final Pattern STATUS = Pattern.compile("\"status\":\"([A-Z_]*)\"");
  private static final Pattern HASH = Pattern.compile("\"apps__hashcode\":\"([^\"]*)\"");

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final HeartbeatServer server;
  private final long firstVersion;
  private final int port;

  OperatedNode() throws IOException {
    server = new HeartbeatServer(
        ConfigParser.read(Map.of("--port", "0", "--bind", "127.0.0.1"), Map.of()),
        Clock.startingAtZero());
    firstVersion = server.registry().version();
    port = server.start().getPort();
  }

  int port() {
    return port;
  }

  /** Returns the base URL for clients that are not observed. */
  String base() {
    return "http://127.0.0.1:" + port + "/eureka/";
  }

  /** Registers an instance with a lease longer than any test. */
  int register(String app, String id) throws IOException, InterruptedException {
    String document = """
        {"instance": {"instanceId": "%2$s", "app": "%1$s", "hostName": "%2$s", "vipAddress": "%1$s",
          "ipAddr": "127.0.0.1", "status": "UP", "port": {"$": 8080, "@enabled": "true"},
          "leaseInfo": {"renewalIntervalInSecs": 30, "durationInSecs": 3600}, "dataCenterInfo": {
            "@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo", "name": "MyOwn"}}}
        """.formatted(app, id);
    return send(to("apps/" + app)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(document)))
        .statusCode();
  }

  /** Sends a request without a body; returns the status of the response. */
  int send(String method, String path) throws IOException, InterruptedException {
    return send(to(path).method(method, BodyPublishers.noBody())).statusCode();
  }

  /** Returns the status of an instance, or the HTTP status if it is not registered. */
  String statusOf(String path) throws IOException, InterruptedException {
    HttpResponse<String> response = send(to(path).header("Accept", "application/json"));
    return response.statusCode() == 200
        ? first(STATUS, response.body())
        : Integer.toString(response.statusCode());
  }

  String hash() throws IOException, InterruptedException {
    return first(HASH, send(to("apps").header("Accept", "application/json")).body());
  }

  int leaseCount() {
    return server.registry().leaseCount();
  }

  /** Returns the number of changes since the start. */
  long changes() {
    return server.registry().version() - firstVersion;
  }

  @Override
  public void close() {
    server.close();
  }

  private HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(URI.create(base() + path));
  }

  private HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return http.send(request.build(), BodyHandlers.ofString());
  }

  private static String first(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find() ? matcher.group(1) : text;
  }
}
