// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/** A server process that accepts connections on loopback. {@link #close} ends it. */
public final class RunningServer implements AutoCloseable {
  /** A stock server needs a minute on a busy machine. */
  private static final long START_MS_MAX = 120_000;

  private static final long STOP_MS_MAX = 20_000;
  private static final int POLL_INTERVAL_MS = 50;

  private final Process process;
  private final int port;

  private RunningServer(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /**
   * Starts a server on a free port and waits until it accepts connections.
   *
   * @param command returns the command for a port
   * @param log file for its output
   * @throws IOException if it ends at once, or accepts no connection within two minutes
   */
  public static RunningServer start(IntFunction<List<String>> command, Path log)
      throws IOException, InterruptedException {
    int port = freePort();
    return start(port, command.apply(port), log);
  }

  /**
   * Starts a server on {@code port} and waits until it accepts connections.
   *
   * @param log file for its output
   * @throws IOException if it ends at once, or accepts no connection within two minutes
   */
  public static RunningServer start(int port, List<String> command, Path log)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    RunningServer server = new RunningServer(builder.start(), port);
    try {
      server.awaitAccepting(log);
      return server;
    } catch (IOException | InterruptedException failure) {
      server.close();
      throw failure;
    }
  }

  /** Returns a port of the loopback address that is free now. */
  public static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void awaitAccepting(Path log) throws IOException, InterruptedException {
    for (long waitedMs = 0; waitedMs < START_MS_MAX; waitedMs += POLL_INTERVAL_MS) {
      if (isAccepting()) {
        return;
      }
      if (process.waitFor(POLL_INTERVAL_MS, TimeUnit.MILLISECONDS)) {
        throw new IOException("server ended with status " + process.exitValue() + "; see " + log);
      }
    }
    throw new IOException("server accepts no connection after " + START_MS_MAX + " ms; see " + log);
  }

  private boolean isAccepting() {
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), port), POLL_INTERVAL_MS);
      return true;
    } catch (IOException notYet) {
      return false;
    }
  }

  public int port() {
    return port;
  }

  public long pid() {
    return process.pid();
  }

  @Override
  public void close() {
    if (!terminate(process)) {
      throw new UncheckedIOException(
          new IOException("server did not stop within " + STOP_MS_MAX + " ms"));
    }
  }

  /**
   * Terminates a process, and kills it after {@value #STOP_MS_MAX} ms or if interrupted.
   *
   * @return false if it was killed after that time
   */
  public static boolean terminate(Process process) {
    process.destroy();
    try {
      if (process.waitFor(STOP_MS_MAX, TimeUnit.MILLISECONDS)) {
        return true;
      }
      process.destroyForcibly();
      return false;
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      return true;
    }
  }
}
