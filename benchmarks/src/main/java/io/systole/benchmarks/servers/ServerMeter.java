// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.servers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * Measures a server process on this machine: CPU time as the kernel accounts it, in steps of 10 ms;
 * resident memory; and heap, by {@code jcmd}.
 */
public final class ServerMeter {
  private static final double NS_PER_MS = 1e6;

  private final long pid;
  private final ProcessHandle process;

  /**
   * Creates a meter of a process.
   *
   * @throws IOException if there is no such process
   */
  public ServerMeter(long pid) throws IOException {
    this.pid = pid;
    this.process =
        ProcessHandle.of(pid).orElseThrow(() -> new IOException("no process has pid " + pid));
  }

  /**
   * Returns the CPU time since the process started, user and system, ms.
   *
   * @throws IOException if it has ended
   */
  public double cpuMs() throws IOException {
    Duration spent = process
        .info()
        .totalCpuDuration()
        .orElseThrow(() -> new IOException("server " + pid + " has ended"));
    return spent.toNanos() / NS_PER_MS;
  }

  /**
   * Returns the CPU time of the live threads whose names start with {@code name}, ms; 0 without
   * any. Exact, unlike that of the process.
   *
   * @param name at most the 15 characters that the kernel keeps
   */
  public double threadCpuMs(String name) throws IOException {
    double ranMs = 0;
    try (DirectoryStream<Path> tasks =
        Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "task"))) {
      for (Path task : tasks) {
        try {
          if (Files.readString(task.resolve("comm")).startsWith(name)) {
            String schedule = Files.readString(task.resolve("schedstat"));
            ranMs += Long.parseLong(schedule.split(" ", 2)[0]) / NS_PER_MS;
          }
        } catch (NoSuchFileException ended) {
          // A thread that has ended meanwhile.
        }
      }
    }
    return ranMs;
  }

  /** Returns the number of live instances of a class. Stops the server meanwhile. */
  public long liveCount(String className) throws IOException, InterruptedException {
    return JcmdParser.histogramCount(jcmd("GC.class_histogram"), className);
  }

  /** Returns the resident memory of the process, bytes. */
  public long residentBytes() throws IOException {
    return JcmdParser.residentBytes(
        Files.readString(Path.of("/proc", Long.toString(pid), "status")));
  }

  /**
   * Returns the bytes of live objects: the total of a class histogram after two collections, the
   * second of which frees objects released by finalizers and cleaners of the first. Stops the
   * server meanwhile.
   */
  public long liveBytes() throws IOException, InterruptedException {
    jcmd("GC.run");
    jcmd("GC.run");
    return JcmdParser.histogramBytes(jcmd("GC.class_histogram"));
  }

  /** Returns the used heap, dead objects included, bytes. */
  public long heapUsedBytes() throws IOException, InterruptedException {
    return JcmdParser.heapUsedBytes(jcmd("GC.heap_info"));
  }

  /**
   * Returns the bytes of direct buffers; empty unless the server runs with
   * {@code -XX:NativeMemoryTracking=summary}.
   */
  public OptionalLong directBytes() throws IOException, InterruptedException {
    return JcmdParser.directBytes(jcmd("VM.native_memory", "summary"));
  }

  private String jcmd(String... arguments) throws IOException, InterruptedException {
    String tool = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    Process jcmd = new ProcessBuilder(tool, Long.toString(pid), String.join(" ", arguments))
        .redirectErrorStream(true)
        .start();
    String response = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (jcmd.waitFor() != 0) {
      throw new IOException("jcmd " + String.join(" ", arguments) + " failed: " + response.strip());
    }
    return response;
  }
}
