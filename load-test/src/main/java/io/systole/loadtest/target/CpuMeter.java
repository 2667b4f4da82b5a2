// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.target;

import java.time.Duration;
import java.util.OptionalLong;

/**
 * CPU time of a process of this machine, user and system together, as the kernel counts it; on
 * Linux the JDK reads it from {@code /proc/<pid>/stat}, in steps of 10 ms.
 */
public final class CpuMeter {
  private final ProcessHandle process;

  private CpuMeter(ProcessHandle process) {
    this.process = process;
  }

  /**
   * Makes a meter of another process.
   *
   * @throws IllegalArgumentException when it cannot be read
   */
  public static CpuMeter of(long pid) {
    CpuMeter meter = new CpuMeter(ProcessHandle.of(pid)
        .orElseThrow(() -> new IllegalArgumentException("no process has pid " + pid)));
    if (meter.cpuNs().isEmpty()) {
      throw new IllegalArgumentException("CPU time of pid " + pid + " cannot be read");
    }
    return meter;
  }

  public static CpuMeter ofThisProcess() {
    return new CpuMeter(ProcessHandle.current());
  }

  /** Returns CPU nanoseconds since the process began; empty when it has ended. */
  public OptionalLong cpuNs() {
    return process.info().totalCpuDuration().stream()
        .mapToLong(Duration::toNanos)
        .findFirst();
  }
}
