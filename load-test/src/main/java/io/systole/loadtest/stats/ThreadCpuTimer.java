// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.stats;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A thread whose CPU time and run-queue wait can be read. Linux counts both; elsewhere only the CPU
 * time is known. The two are kept apart: a thread that runs all the time has too much to do, one
 * that waits all the time has too few cores.
 */
final class ThreadCpuTimer {
  private static final Path CURRENT = Path.of("/proc/thread-self");
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final long id;

  /** Nanoseconds run, nanoseconds waited to run, slices (proc(5), schedstat); null if not kept. */
  private final @Nullable Path schedule;

  private ThreadCpuTimer(long id, @Nullable Path schedule) {
    this.id = id;
    this.schedule = schedule;
  }

  /** Returns the calling thread. */
  static ThreadCpuTimer current() {
    Path schedule;
    try {
      schedule = CURRENT.toRealPath().resolve("schedstat");
    } catch (IOException e) {
      schedule = null;
    }
    return new ThreadCpuTimer(Thread.currentThread().getId(), schedule);
  }

  /** Returns the times since the thread began; {@link LoopTimes#NONE} once it has ended. */
  LoopTimes times() {
    if (schedule != null) {
      try {
        return parse(Files.readString(schedule));
      } catch (IOException e) {
        return LoopTimes.NONE;
      }
    }
    long ranNs = THREADS.isThreadCpuTimeSupported() ? THREADS.getThreadCpuTime(id) : 0;
    return new LoopTimes(Math.max(0, ranNs), LoopTimes.UNKNOWN);
  }

  /** Reads the fields of schedstat: nanoseconds run, nanoseconds waited, time slices. */
  static LoopTimes parse(String schedstat) {
    String[] fields = schedstat.split(" ", 3);
    return new LoopTimes(Long.parseLong(fields[0]), Long.parseLong(fields[1]));
  }
}
