// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.peers;

import io.systole.benchmarks.servers.RunningServer;
import io.systole.benchmarks.servers.ServerMeter;
import io.systole.benchmarks.servers.ServerUnderTest;
import io.systole.benchmarks.servers.ServerUnderTest.LaunchOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A server process of a cluster, which can be restarted on its port. */
final class ClusterNode implements AutoCloseable {
  /** The task of a stock server for one item that a peer has not accepted. */
  private static final String STOCK_TASK = "com.netflix.eureka.util.batcher.TaskHolder";

  /** The line that a stock server logs for each eviction. */
  private static final String STOCK_EVICTION = "expired lease for";

  private static final long UP_MS_MAX = 30_000;
  private static final long POLL_INTERVAL_MS = 100;

  /**
   * The settings that the servers of a measurement share.
   *
   * @param root the checkout
   * @param directory of logs
   * @param heap maximum heap of each server
   * @param evictionIntervalMs interval of eviction runs, which then also evict while many leases
   *     are missing; 0 for the default settings
   */
  record Settings(Path root, Path directory, String heap, int evictionIntervalMs) {
    List<String> jvmOptions() {
      return List.of("-Xmx" + heap);
    }

    private List<String> arguments(ServerUnderTest kind) {
      String intervalMs = Integer.toString(evictionIntervalMs);
      if (kind.isStock()) {
        return evictionIntervalMs == 0
            ? List.of()
            : List.of(
                "--eureka.server.enable-self-preservation=false",
                "--eureka.server.eviction-interval-timer-in-ms=" + intervalMs);
      }
      // Otherwise a node that is stopped continues to serve for some seconds.
      List<String> arguments = new ArrayList<>(List.of("--lame-duck", "0"));
      if (evictionIntervalMs > 0) {
        arguments.addAll(
            List.of("--self-preservation", "false", "--eviction-interval", intervalMs + "ms"));
      }
      return arguments;
    }
  }

  private final ServerUnderTest kind;
  private final int port;
  private final int peers;
  private final List<String> command;
  private final Path log;
  private RunningServer server;
  private ServerMeter meter;

  private ClusterNode(ServerUnderTest kind, int port, int peers, List<String> command, Path log)
      throws IOException, InterruptedException {
    this.kind = kind;
    this.port = port;
    this.peers = peers;
    this.command = command;
    this.log = log;
    this.server = RunningServer.start(port, command, log);
    this.meter = new ServerMeter(server.pid());
  }

  /**
   * Starts a server and waits until it accepts connections.
   *
   * @param name of its log file
   * @param kind Systole or a stock server
   * @param peers service URLs of the servers to replicate to
   */
  static ClusterNode start(
      Settings settings, String name, ServerUnderTest kind, int port, List<URI> peers)
      throws IOException, InterruptedException {
    Path log = settings.directory().resolve(name + ".log");
    Files.deleteIfExists(log);
    List<String> command = new ArrayList<>(
        kind.command(settings.root(), port, new LaunchOptions(settings.jvmOptions(), 0, peers)));
    command.addAll(settings.arguments(kind));
    return new ClusterNode(kind, port, peers.size(), command, log);
  }

  /** Returns the service URL of a server on a port, with a final slash as in lists of peers. */
  static URI serviceUrl(int port) {
    return URI.create("http://127.0.0.1:" + port + "/eureka/");
  }

  URI url() {
    return serviceUrl(port);
  }

  ServerUnderTest kind() {
    return kind;
  }

  int port() {
    return port;
  }

  RunningServer server() {
    return server;
  }

  ServerMeter meter() {
    return meter;
  }

  void stop() {
    server.close();
  }

  /** Starts an empty server after {@link #stop}, and waits until it accepts connections. */
  void startAgain() throws IOException, InterruptedException {
    server = RunningServer.start(port, command, log);
    meter = new ServerMeter(server.pid());
  }

  /**
   * Waits until all peers of a Systole node accept its changes. Stock servers do not show that.
   *
   * @throws IOException if that takes too long
   */
  void awaitPeersUp() throws IOException, InterruptedException {
    if (kind.isStock() || peers == 0) {
      return;
    }
    for (long waitedMs = 0; waitedMs < UP_MS_MAX; waitedMs += POLL_INTERVAL_MS) {
      if (MetricsPage.read(port).sum("systole_peer_up") == peers) {
        return;
      }
      TimeUnit.MILLISECONDS.sleep(POLL_INTERVAL_MS);
    }
    throw new IOException("not all peers are up after " + UP_MS_MAX + " ms; see " + log);
  }

  /** Returns the number of evictions since the start. */
  long evictions() throws IOException {
    if (!kind.isStock()) {
      return Math.round(MetricsPage.read(port).sum("systole_registry_evictions_total"));
    }
    try (Stream<String> lines = Files.lines(log)) {
      return lines.filter(line -> line.contains(STOCK_EVICTION)).count();
    }
  }

  /**
   * Returns the number of items that the peers together have not accepted yet: leases with a
   * renewal or a difference to send, or the queued tasks of a stock server.
   */
  long queuedItems() throws IOException, InterruptedException {
    return kind.isStock()
        ? meter.liveCount(STOCK_TASK)
        : Math.round(MetricsPage.read(port).sum("systole_peer_due"));
  }

  @Override
  public void close() {
    server.close();
  }
}
