// SPDX-License-Identifier: Apache-2.0
package io.systole.client.stock;

import static org.awaitility.Awaitility.await;

import io.systole.client.ReservedPort;
import io.systole.client.stock.StockProgram.Setup;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A stock server in a separate process, on a free loopback port. It ends with its standard input,
 * and therefore also if the test is killed.
 */
public final class StockServer implements AutoCloseable {
  /** Tomcat's default of responses per connection. */
  static final int AS_IT_COMES = 100;

  public static final int UNBOUNDED = -1;

  private static final Duration START_MAX = Duration.ofMinutes(3);

  /** Between two requests to a server that is to change. */
  static final Duration POLL_INTERVAL = Duration.ofMillis(50);

  private final StockProgram program;
  private final ReservedPort port;
  private Setup setup;
  private Process process;
  private StockRegistry registry;

  private StockServer(
      StockProgram program, ReservedPort port, int requestsPerConnection, List<URI> peers)
      throws IOException {
    this.program = program;
    this.port = port;
    this.setup = new Setup(port.number(), requestsPerConnection, peers);
    process = launch();
    registry = registryRequested();
  }

  /** Starts a server and waits until it responds. */
  static StockServer start(StockProgram program, int requestsPerConnection) throws IOException {
    return start(program, new ReservedPort(), requestsPerConnection, List.of());
  }

  /**
   * Starts a server of a cluster and waits until it responds.
   *
   * @param port released when the server is closed
   * @param peers service URLs of the other servers, which need not run yet
   */
  public static StockServer start(StockProgram program, ReservedPort port, List<URI> peers)
      throws IOException {
    return start(program, port, AS_IT_COMES, peers);
  }

  private static StockServer start(
      StockProgram program, ReservedPort port, int requestsPerConnection, List<URI> peers)
      throws IOException {
    StockServer server = new StockServer(program, port, requestsPerConnection, peers);
    server.awaitResponse();
    return server;
  }

  private Process launch() throws IOException {
    Path folder = program.folder();
    Path log = Files.createTempFile(folder, "server-", ".log");
    return new ProcessBuilder(program.command(setup))
        .directory(folder.toFile())
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }

  private StockRegistry registryRequested() {
    return new StockRegistry(URI.create("http://127.0.0.1:" + setup.port() + program.basePath()));
  }

  private void awaitResponse() {
    try {
      await("answer of " + program)
          .pollInterval(POLL_INTERVAL)
          .atMost(START_MAX)
          .until(() -> {
            if (!process.isAlive()) {
              throw new IllegalStateException(program + " ended at once; see " + program.folder());
            }
            return registry.isReachable();
          });
    } catch (RuntimeException failure) {
      kill();
      throw failure;
    }
  }

  /** Returns the service URL. */
  URI url() {
    return registry.url();
  }

  /** Returns a reader of its content. */
  public StockRegistry registry() {
    return registry;
  }

  /** Kills the process. */
  public void kill() {
    process.destroyForcibly();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        throw new IllegalStateException(program + " cannot be killed, pid " + process.pid());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Starts an empty server on the same port, after {@link #kill}. */
  void startEmpty(int requests) throws IOException {
    setup = setup.withRequestsPerConnection(requests);
    startEmpty();
  }

  /** Starts an empty server with the same setup, after {@link #kill}. */
  public void startEmpty() throws IOException {
    process = launch();
    registry = registryRequested();
    awaitResponse();
  }

  /** Restarts it if necessary to close connections after so many responses. */
  void allow(int requests) throws IOException {
    if (setup.requestsPerConnection() != requests) {
      kill();
      startEmpty(requests);
    }
  }

  @Override
  public void close() {
    kill();
    port.close();
  }
}
