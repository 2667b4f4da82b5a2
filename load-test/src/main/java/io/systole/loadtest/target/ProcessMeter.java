// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.target;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * A meter of a local process. CPU time is user plus system time; on Linux the JDK reads it from
 * {@code /proc/<pid>/stat}, in steps of 10 ms.
 */
public final class ProcessMeter {
  private static final String RESIDENT = "VmRSS:";
  private static final int BYTES_PER_KB = 1024;

  private final ProcessHandle process;

  private ProcessMeter(ProcessHandle process) {
    this.process = process;
  }

  /**
   * Returns a meter of another process.
   *
   * @throws IllegalArgumentException if the process does not exist or cannot be read
   */
  public static ProcessMeter of(long pid) {
    ProcessMeter meter = new ProcessMeter(ProcessHandle.of(pid)
        .orElseThrow(() -> new IllegalArgumentException("no process has pid " + pid)));
    if (meter.cpuNs().isEmpty()) {
      throw new IllegalArgumentException("CPU time of pid " + pid + " cannot be read");
    }
    return meter;
  }

  public static ProcessMeter ofThisProcess() {
    return new ProcessMeter(ProcessHandle.current());
  }

  /** Returns CPU nanoseconds since the process started; empty if it has ended. */
  public OptionalLong cpuNs() {
    return process.info().totalCpuDuration().stream()
        .mapToLong(Duration::toNanos)
        .findFirst();
  }

  /**
   * Returns the resident memory, bytes; empty if the process has ended, and on systems other than
   * Linux.
   */
  public OptionalLong residentBytes() {
    Path status = Path.of("/proc", Long.toString(process.pid()), "status");
    try (Stream<String> lines = Files.lines(status)) {
      return lines
          .filter(line -> line.startsWith(RESIDENT))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * BYTES_PER_KB)
          .findFirst();
    } catch (IOException | UncheckedIOException e) {
      return OptionalLong.empty();
    }
  }
}
