// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.systole.client.ReservedPort;
import io.systole.protocol.time.Clock;
import io.systole.server.config.ConfigParser;
import io.systole.server.config.ServerConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;

/** A member of a native cluster on loopback, in this process, with the system's clock. */
final class EmbeddedMember implements AutoCloseable {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  /** Held until this process ends. */
  private static final Queue<ReservedPort> RESERVED = new ConcurrentLinkedQueue<>();

  final HeartbeatServer server;
  final int port;

  private EmbeddedMember(ServerConfig config) throws IOException {
    server = new HeartbeatServer(config, Clock.startingAtZero());
    try {
      port = server.start().getPort();
    } catch (IOException failure) {
      server.close();
      throw failure;
    }
  }

  /** Returns ports for members, which nothing else in or outside of this process receives. */
  static List<Integer> ports(int count) throws IOException {
    List<Integer> ports = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ReservedPort port = new ReservedPort();
      RESERVED.add(port);
      ports.add(port.number());
    }
    return ports;
  }

  /** Returns the options of the member with one of the ports. */
  static Map<String, String> options(List<Integer> ports, int member) {
    String members =
        ports.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(","));
    return Map.of(
        "--cluster",
        "test",
        "--cluster-members",
        members,
        "--cluster-port",
        ports.get(member).toString(),
        "--cluster-window",
        "100ms");
  }

  static EmbeddedMember start(List<Integer> ports, int member) throws IOException {
    return start(ports, member, Map.of());
  }

  /** @param further options besides those of the cluster */
  static EmbeddedMember start(List<Integer> ports, int member, Map<String, String> further)
      throws IOException {
    Map<String, String> flags = new HashMap<>(options(ports, member));
    flags.putAll(further);
    return startAlone(flags);
  }

  /** Starts a node with these options only, without a cluster unless they name one. */
  static EmbeddedMember startAlone(Map<String, String> options) throws IOException {
    Map<String, String> flags = new HashMap<>();
    flags.put("--port", "0");
    flags.put("--bind", "127.0.0.1");
    flags.put("--loops", "1");
    flags.put("--lame-duck", "0");
    flags.put("--drain-timeout", "1s");
    flags.putAll(options);
    return new EmbeddedMember(ConfigParser.read(flags, Map.of()));
  }

  HttpResponse<String> send(String method, String path) {
    return send(method, path, "");
  }

  HttpResponse<String> send(String method, String path, String body) {
    HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
        .method(method, BodyPublishers.ofString(body))
        .header("Content-Type", "application/json")
        .timeout(Duration.ofSeconds(20))
        .build();
    try {
      return CLIENT.send(request, BodyHandlers.ofString());
    } catch (IOException failure) {
      throw new IllegalStateException(failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interrupted);
    }
  }

  void register(String app, String id) {
    int status = send("POST", "/v2/apps/" + app, PlainInstance.of(app, id)).statusCode();
    if (status != 204) {
      throw new IllegalStateException("status " + status);
    }
  }

  /** Returns the status of a heartbeat. */
  int renew(String app, String id) {
    return send("PUT", "/v2/apps/" + app + "/" + id + "?status=UP").statusCode();
  }

  /** Stops like a node that receives SIGTERM. */
  @Override
  public void close() {
    server.stop();
  }
}
