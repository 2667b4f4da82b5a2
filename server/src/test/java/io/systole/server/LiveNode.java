// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.systole.server.config.ConfigParser;
import io.systole.server.management.RemovalHistory;
import io.systole.server.net.LiveClient;
import io.systole.server.time.ManualClock;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** A real node over loopback with a manual clock and clients that send exact bytes. */
final class LiveNode implements AutoCloseable {
  /** Just before the exchanges were recorded. */
  static final long START_WALL_MS = 1_795_205_000_000L;

  /** Less than the delay of a timer that counts as a stall. */
  private static final long STEP_MS = 1_500;

  /**
   * A response.
   *
   * @param headers header fields by lower-case name
   * @param body as sent; null for HEAD
   */
  @SuppressWarnings("ArrayRecordComponent") // Responses are read, never compared.
  record NodeResponse(int status, Map<String, String> headers, byte @Nullable [] body) {
    @Nullable
    String type() {
      return headers.get("content-type");
    }

    boolean isGzipped() {
      return "gzip".equals(headers.get("content-encoding"));
    }

    /** Returns the decompressed body as text. */
    String text() throws IOException {
      if (body == null) {
        return "";
      }
      if (!isGzipped()) {
        return new String(body, StandardCharsets.UTF_8);
      }
      try (GZIPInputStream gzip = new GZIPInputStream(new ByteArrayInputStream(body))) {
        return new String(gzip.readAllBytes(), StandardCharsets.UTF_8);
      }
    }
  }

  final ManualClock clock = new ManualClock();
  final HeartbeatServer server;
  private final int port;

  private LiveNode(Map<String, String> options, UnaryOperator<RemovalHistory> journal)
      throws IOException {
    clock.stepWallTo(START_WALL_MS);
    Map<String, String> flags = new HashMap<>(options);
    flags.put("--port", "0");
    flags.put("--bind", "127.0.0.1");
    flags.put("--loops", "1");
    // Only the test evicts.
    flags.put("--eviction-interval", "1h");
    flags.put("--drain-timeout", "1s");
    server =
        new HeartbeatServer(ConfigParser.read(flags, Map.of()), clock, journal, transport -> 0);
    port = server.start().getPort();
  }

  /**
   * Advances the clock in small steps; a single large step would look like a suspended process. The
   * loops end their iterations first: one that lasted through the steps would look like overload.
   */
  void passTime(long ms) {
    server.probeLoops().orTimeout(30, TimeUnit.SECONDS).join();
    for (long passedMs = 0; passedMs < ms; passedMs += STEP_MS) {
      clock.advanceMs(Math.min(STEP_MS, ms - passedMs));
      server.evictor().detectStalls();
    }
  }

  static LiveNode start(Map<String, String> options) throws IOException {
    return new LiveNode(options, UnaryOperator.identity());
  }

  /** Starts a node whose explanations use another removal history. */
  static LiveNode startWithJournal(RemovalHistory journal) throws IOException {
    return new LiveNode(Map.of(), own -> journal);
  }

  int port() {
    return port;
  }

  LiveClient connect() throws IOException {
    return LiveClient.connect(port);
  }

  /** Sends one request on a separate connection and returns the response. */
  NodeResponse exchange(byte[] request) throws IOException {
    String words = new String(request, StandardCharsets.ISO_8859_1);
    boolean isLast = words.contains("\r\nConnection: close\r\n");
    try (LiveClient client = LiveClient.connect(port)) {
      client.send(request);
      String received = isLast ? client.rest() : client.responses(1);
      return parse(received, words.startsWith("HEAD "));
    }
  }

  /** Sends requests on one connection, which the last one closes; returns the statuses. */
  List<Integer> statuses(String requests) throws IOException {
    try (LiveClient client = LiveClient.connect(port)) {
      client.send(requests);
      return io.systole.server.net.ParsedResponse.statusesIn(client.rest());
    }
  }

  private static NodeResponse parse(String received, boolean isHead) {
    String text = received.startsWith("HTTP/1.1 100 ")
        ? received.substring(received.indexOf("\r\n\r\n") + 4)
        : received;
    int headEnd = text.indexOf("\r\n\r\n");
    Map<String, String> headers = new TreeMap<>();
    text.substring(0, headEnd).lines().skip(1).forEach(line -> {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT),
          line.substring(colon + 1).strip());
    });
    byte[] body = text.substring(headEnd + 4).getBytes(StandardCharsets.ISO_8859_1);
    if (!isHead && body.length != Integer.parseInt(headers.getOrDefault("content-length", "0"))) {
      throw new IllegalStateException("body length differs from Content-Length: " + text);
    }
    return new NodeResponse(Integer.parseInt(text.substring(9, 12)), headers, isHead ? null : body);
  }

  @Override
  public void close() {
    server.close();
  }
}
