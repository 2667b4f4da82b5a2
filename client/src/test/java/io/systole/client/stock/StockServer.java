// SPDX-License-Identifier: Apache-2.0
package io.systole.client.stock;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A stock server in a process of its own, on a free loopback port. It ends with its standard input,
 * and therefore also if the test is killed.
 */
final class StockServer implements AutoCloseable {
  /** Tomcat's default of responses per connection. */
  static final int AS_IT_COMES = 100;

  static final int UNBOUNDED = -1;

  private static final Duration START_MAX = Duration.ofSeconds(60);

  private final StockProgram program;
  private final int port;
  private int requestsPerConnection;
  private Process process;
  private StockRegistry registry;

  private StockServer(StockProgram program, int port, int requestsPerConnection)
      throws IOException {
    this.program = program;
    this.port = port;
    this.requestsPerConnection = requestsPerConnection;
    process = launch();
    registry = registryRequested();
  }

  /** Starts a server and waits until it responds. */
  static StockServer start(StockProgram program, int requestsPerConnection) throws IOException {
    StockServer server = new StockServer(program, freePort(), requestsPerConnection);
    server.awaitResponse();
    return server;
  }

  private Process launch() throws IOException {
    Path folder = program.folder();
    Path log = Files.createTempFile(folder, "server-", ".log");
    return new ProcessBuilder(program.command(port, requestsPerConnection))
        .directory(folder.toFile())
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }

  private StockRegistry registryRequested() {
    return new StockRegistry(URI.create("http://127.0.0.1:" + port + program.basePath));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void awaitResponse() {
    try {
      await("answer of " + program).atMost(START_MAX).until(() -> {
        if (!process.isAlive()) {
          throw new IllegalStateException(program + " ended at once; see " + program.folder());
        }
        return registry.isThere();
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
  StockRegistry registry() {
    return registry;
  }

  /** Kills the process. */
  void kill() {
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
  void startAnew(int requests) throws IOException {
    requestsPerConnection = requests;
    process = launch();
    registry = registryRequested();
    awaitResponse();
  }

  /** Restarts it if necessary to close connections after so many responses. */
  void allow(int requests) throws IOException {
    if (requestsPerConnection != requests) {
      kill();
      startAnew(requests);
    }
  }

  @Override
  public void close() {
    kill();
  }
}
