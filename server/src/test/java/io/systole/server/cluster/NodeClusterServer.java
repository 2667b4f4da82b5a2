// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.client.ReservedPort;
import io.systole.client.stock.StockRegistry;
import io.systole.server.NodeProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A Systole node that evicts any number of expired leases soon. */
final class NodeClusterServer implements ClusterServer {
  private static final List<String> JVM_FLAGS = List.of(
      "-Xmx128m",
      "-XX:TieredStopAtLevel=1",
      "-XX:+UseSerialGC",
      "-Dio.netty.leakDetection.level=paranoid");

  private final String name;
  private final StockRegistry registry;
  private final ReservedPort port;
  private final Path log;
  private final List<String> options;
  private NodeProcess process;

  private NodeClusterServer(String name, URI url, ReservedPort port, Path log, List<String> options)
      throws IOException, InterruptedException {
    this.name = name;
    this.registry = new StockRegistry(url);
    this.port = port;
    this.log = log;
    this.options = options;
    this.process = launch();
  }

  /**
   * Starts a node and waits until it is ready.
   *
   * @param folder of its log
   * @param port released when the node is closed
   * @param dataDir a directory, or {@code none}
   * @param furtherOptions names and values
   */
  static NodeClusterServer start(
      String name,
      Path folder,
      ReservedPort port,
      String dataDir,
      List<URI> peers,
      String... furtherOptions)
      throws IOException, InterruptedException {
    List<String> options = new ArrayList<>(List.of("--port", Integer.toString(port.number())));
    options.addAll(List.of("--data-dir", dataDir));
    options.addAll(List.of(furtherOptions));
    options.addAll(
        List.of("--peers", peers.stream().map(URI::toString).collect(Collectors.joining(","))));
    options.addAll(List.of("--self-preservation", "false", "--eviction-interval", "500ms"));
    URI url = URI.create("http://127.0.0.1:" + port.number() + "/eureka");
    return new NodeClusterServer(name, url, port, folder.resolve(name + ".log"), options);
  }

  private NodeProcess launch() throws IOException, InterruptedException {
    return NodeProcess.start(log, JVM_FLAGS, options);
  }

  /** Returns everything that the node has logged. */
  String log() throws IOException {
    return Files.readString(log);
  }

  @Override
  public StockRegistry registry() {
    return registry;
  }

  @Override
  public void kill() {
    process.close();
    process.process().onExit().join();
  }

  @Override
  public void startAgain() throws IOException, InterruptedException {
    process = launch();
  }

  @Override
  public void close() {
    kill();
    port.close();
  }

  @Override
  public String toString() {
    return name;
  }
}
