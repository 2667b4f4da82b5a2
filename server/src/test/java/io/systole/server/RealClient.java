// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Someone else's client in a process of its own. It ends, in good order, with its standard input,
 * and so also when the test dies.
 */
final class RealClient implements AutoCloseable {
  private static final String SEES = "sees ";

  private final Path log;
  private final Process process;

  private RealClient(Path log, Process process) {
    this.log = log;
    this.process = process;
  }

  /** Starts {@code program}, which is to talk to {@code base} and to register {@code app/id}. */
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

  /** What the client last said it sees: instances as {@code APP/id=STATUS}, parted by blanks. */
  String sight() {
    return output()
        .lines()
        .filter(line -> line.startsWith(SEES))
        .reduce("", (earlier, later) -> later.substring(SEES.length()));
  }

  /** Whether it sees {@code instance}, given as {@code APP/id=STATUS}. */
  boolean sees(String instance) {
    return List.of(sight().split(" ")).contains(instance);
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

  /** Tells the client to end; its exit code, or -1 when it doesn't in time. */
  int end(long timeoutSeconds) throws IOException, InterruptedException {
    process.getOutputStream().close();
    return process.waitFor(timeoutSeconds, TimeUnit.SECONDS) ? process.exitValue() : -1;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
