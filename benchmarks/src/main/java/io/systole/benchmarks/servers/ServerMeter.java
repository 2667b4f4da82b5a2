// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.servers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * What a server process of this machine takes: CPU time as the kernel accounts it, in steps of 10
 * ms; resident memory; and what its heap holds, by the JDK's {@code jcmd}.
 */
public final class ServerMeter {
  private static final double NS_PER_MS = 1e6;

  private final long pid;
  private final ProcessHandle process;

  /**
   * Makes a meter of a process.
   *
   * @throws IOException if there is no such process
   */
  public ServerMeter(long pid) throws IOException {
    this.pid = pid;
    this.process =
        ProcessHandle.of(pid).orElseThrow(() -> new IOException("no process has pid " + pid));
  }

  /**
   * CPU milliseconds, user and system, since the process began.
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

  /** Bytes of memory that the process occupies, its JVM's own included. */
  public long residentBytes() throws IOException {
    return JcmdParser.residentBytes(
        Files.readString(Path.of("/proc", Long.toString(pid), "status")));
  }

  /**
   * Bytes of objects that are alive: the total of a class histogram after two collections, the
   * second of which finds what the first one's finalizers and cleaners let go. Stops the server for
   * as long as it takes.
   */
  public long liveBytes() throws IOException, InterruptedException {
    jcmd("GC.run");
    jcmd("GC.run");
    return JcmdParser.histogramBytes(jcmd("GC.class_histogram"));
  }

  /** Bytes of heap in use, as of now: with whatever is no longer alive. */
  public long heapUsedBytes() throws IOException, InterruptedException {
    return JcmdParser.heapUsedBytes(jcmd("GC.heap_info"));
  }

  /**
   * Bytes that were allocated outside the heap by direct buffers; empty unless the server was
   * started with {@code -XX:NativeMemoryTracking=summary}.
   */
  public OptionalLong directBytes() throws IOException, InterruptedException {
    return JcmdParser.directBytes(jcmd("VM.native_memory", "summary"));
  }

  private String jcmd(String... request) throws IOException, InterruptedException {
    String tool = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    Process requested = new ProcessBuilder(tool, Long.toString(pid), String.join(" ", request))
        .redirectErrorStream(true)
        .start();
    String response = new String(requested.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (requested.waitFor() != 0) {
      throw new IOException("jcmd " + String.join(" ", request) + " failed: " + response.strip());
    }
    return response;
  }
}
