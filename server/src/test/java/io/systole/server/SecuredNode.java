// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.systole.protocol.time.Clock;
import io.systole.server.config.ConfigParser;
import io.systole.server.config.ServerConfig;
import io.systole.server.net.LiveClient;
import io.systole.server.net.ParsedResponse;
import io.systole.server.registry.Instances;
import io.systole.server.registry.Origin;
import io.systole.server.tls.TestAuthority.Issued;
import java.io.IOException;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** A real node over loopback with security options, and the instances PAY/i and BILL/i. */
final class SecuredNode implements AutoCloseable {
  static final String HEARTBEAT = "PUT /v2/apps/PAY/i?status=UP HTTP/1.1\r\nHost: a\r\n\r\n";

  final HeartbeatServer server;
  final ServerConfig config;
  final int port;

  private SecuredNode(Map<String, String> options) throws IOException {
    Map<String, String> flags = new HashMap<>(options);
    flags.putIfAbsent("--bind", "127.0.0.1");
    flags.put("--port", "0");
    flags.put("--loops", "1");
    flags.put("--drain-timeout", "1s");
    config = ConfigParser.read(flags, Map.of());
    server = new HeartbeatServer(config, Clock.startingAtZero());
    server.registry().register(Instances.up("PAY", "i", 90), Origin.CLIENT);
    server.registry().register(Instances.up("BILL", "i", 90), Origin.CLIENT);
    port = server.start().getPort();
  }

  static SecuredNode start(Map<String, String> options) throws IOException {
    return new SecuredNode(options);
  }

  /** Returns the options of TLS with this certificate. */
  static Map<String, String> tls(Issued identity) {
    return new HashMap<>(Map.of(
        "--tls-certificate", identity.certificate().toString(),
        "--tls-key", identity.key().toString()));
  }

  /** Opens a connection in plain text. */
  LiveClient connect() throws IOException {
    return LiveClient.connect(port);
  }

  /** Opens a connection with TLS; its handshake begins with the first byte sent. */
  LiveClient connect(SSLContext context) throws IOException {
    return LiveClient.of(socket(context, port));
  }

  static SSLSocket socket(SSLContext context, int port) throws IOException {
    return (SSLSocket)
        context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
  }

  /** Sends one request on a separate connection and returns the response. */
  ParsedResponse exchange(String request) throws IOException {
    try (LiveClient client = connect()) {
      client.send(request);
      return client.response();
    }
  }

  /** Returns the value of a metric with its tags; reads it as a client of the node's port. */
  double metric(String scrape, String nameAndTags) {
    return Pattern.compile("(?m)^" + Pattern.quote(nameAndTags) + " (\\S+)$")
        .matcher(scrape)
        .results()
        .mapToDouble(found -> Double.parseDouble(found.group(1)))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no metric " + nameAndTags));
  }

  @Override
  public void close() {
    server.close();
  }
}
