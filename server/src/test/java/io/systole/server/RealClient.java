// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A third-party client in a separate process. It ends gracefully when its standard input closes,
 * and therefore also when the test is killed.
 */
final class RealClient implements AutoCloseable {
  private static final String SEES = "sees ";

  private final Path log;
  private final Process process;

  private RealClient(Path log, Process process) {
    this.log = log;
    this.process = process;
  }

  /** Starts {@code program} with server {@code base} and instance {@code app/id}. */
  static RealClient start(ClientProgram program, String base, String app, String id)
      throws IOException {
    Path folder = program.folder();
    Path log = Files.createTempFile(folder, "client-", ".log");
    List<String> command = new ArrayList<>(program.command());
    command.addAll(List.of(base, app, id));
    command.addAll(program.tail());
    Process process = new ProcessBuilder(command)
        .directory(folder.toFile())
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
    return new RealClient(log, process);
  }

  /**
   * Returns the instances last reported by the client, as {@code APP/id=STATUS}, space-separated.
   */
  String reportedInstances() {
    return output()
        .lines()
        .filter(line -> line.startsWith(SEES))
        .reduce("", (earlier, later) -> later.substring(SEES.length()));
  }

  /** Returns whether the client last reported {@code instance}, given as {@code APP/id=STATUS}. */
  boolean sees(String instance) {
    return List.of(reportedInstances().split(" ")).contains(instance);
  }

  String output() {
    try {
      return Files.readString(log);
    } catch (IOException unreadable) {
      return unreadable.toString();
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Stops the client; returns its exit code, or -1 after the timeout. */
  int end(long timeoutSeconds) throws IOException, InterruptedException {
    process.getOutputStream().close();
    return process.waitFor(timeoutSeconds, TimeUnit.SECONDS) ? process.exitValue() : -1;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
