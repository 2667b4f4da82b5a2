// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A node in a separate process that has printed its ready line. For one thread. */
public final class NodeProcess implements AutoCloseable {
  /** Flags of a JVM for a few seconds of a small node. */
  public static final List<String> SMALL_JVM =
      List.of("-Xmx64m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

  private static final long START_SECONDS = 60;
  private static final Pattern READY =
      Pattern.compile("Systole is ready: https?://[0-9.]+:(\\d+)/\\S* .*");

  private final Process process;
  private final int port;

  private NodeProcess(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /**
   * Starts a node on the loopback address and a free port, unless the options name others, and
   * waits until it is ready.
   *
   * @param log the file that its log is appended to
   * @throws IOException if it prints anything else, or nothing in time; the message contains the
   *     log
   */
  public static NodeProcess start(Path log, List<String> jvmFlags, List<String> options)
      throws IOException, InterruptedException {
    return awaitReady(log, launch(log, jvmFlags, options));
  }

  /**
   * Starts a node like {@link #start(Path, List, List)}.
   *
   * @param prefix a command that runs the rest of its arguments as the same process; empty for none
   */
  public static NodeProcess start(
      Path log, List<String> prefix, List<String> jvmFlags, List<String> options)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(prefix);
    command.addAll(command(jvmFlags, options));
    return awaitReady(log, launch(log, builder(command)));
  }

  /** Starts a node on the loopback address by a command, and waits until it is ready. */
  static NodeProcess start(Path log, ProcessBuilder command)
      throws IOException, InterruptedException {
    return awaitReady(log, launch(log, command));
  }

  private static NodeProcess awaitReady(Path log, Process process)
      throws IOException, InterruptedException {
    BufferedReader out = process.inputReader();
    String line;
    try {
      line =
          CompletableFuture.supplyAsync(() -> firstLine(out)).get(START_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException failure) {
      line = failure.toString();
    }
    Matcher ready = READY.matcher(line);
    if (!ready.matches()) {
      process.destroyForcibly();
      throw new IOException(line + System.lineSeparator() + Files.readString(log));
    }
    return new NodeProcess(process, Integer.parseInt(ready.group(1)));
  }

  /** Starts a node that may refuse to become ready. */
  public static Process launch(Path log, List<String> jvmFlags, List<String> options)
      throws IOException {
    return launch(log, builder(command(jvmFlags, options)));
  }

  private static List<String> command(List<String> jvmFlags, List<String> options) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmFlags);
    command.addAll(nettyFlags());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.systole.server.Main"));
    if (!options.contains("--bind")) {
      command.addAll(List.of("--bind", "127.0.0.1"));
    }
    if (!options.contains("--port")) {
      command.addAll(List.of("--port", "0"));
    }
    command.addAll(options);
    return command;
  }

  private static ProcessBuilder builder(List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(name -> name.startsWith("SYSTOLE_"));
    return builder;
  }

  /** Returns the flags that the launcher adds. Without them newer JVMs log warnings. */
  private static List<String> nettyFlags() {
    int version = Runtime.version().feature();
    List<String> flags = new ArrayList<>();
    if (version >= 22) {
      flags.add("--enable-native-access=ALL-UNNAMED");
    }
    if (version >= 23) {
      flags.add("--sun-misc-unsafe-memory-access=allow");
    }
    return flags;
  }

  private static Process launch(Path log, ProcessBuilder command) throws IOException {
    return command.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile())).start();
  }

  private static String firstLine(BufferedReader out) {
    try {
      return String.valueOf(out.readLine());
    } catch (IOException lost) {
      return lost.toString();
    }
  }

  public int port() {
    return port;
  }

  public Process process() {
    return process;
  }

  /** Ends the process as {@code kill -9} does. */
  @Override
  public void close() {
    process.destroyForcibly();
  }
}
