// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.stats;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A timer of one thread's CPU time and run-queue wait. Linux counts both; other systems only the
 * CPU time. The two are kept apart: a thread that always runs is overloaded, one that always waits
 * lacks a core.
 */
final class ThreadCpuTimer {
  private static final Path CURRENT = Path.of("/proc/thread-self");
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final long id;

  /** {@code schedstat} (proc(5)): ns run, ns waited, time slices; null if not available. */
  private final @Nullable Path schedule;

  private ThreadCpuTimer(long id, @Nullable Path schedule) {
    this.id = id;
    this.schedule = schedule;
  }

  /** Returns a timer of the calling thread. */
  static ThreadCpuTimer current() {
    Path schedule;
    try {
      schedule = CURRENT.toRealPath().resolve("schedstat");
    } catch (IOException e) {
      schedule = null;
    }
    return new ThreadCpuTimer(Thread.currentThread().getId(), schedule);
  }

  /** Returns the times since the thread started; {@link ThreadTimes#NONE} once it has ended. */
  ThreadTimes times() {
    if (schedule != null) {
      try {
        return parse(Files.readString(schedule));
      } catch (IOException e) {
        return ThreadTimes.NONE;
      }
    }
    long ranNs = THREADS.isThreadCpuTimeSupported() ? THREADS.getThreadCpuTime(id) : 0;
    return new ThreadTimes(Math.max(0, ranNs), ThreadTimes.UNKNOWN);
  }

  /** Parses {@code <ns run> <ns waited> <time slices>} (proc(5)). */
  static ThreadTimes parse(String schedstat) {
    String[] fields = schedstat.split(" ", 3);
    return new ThreadTimes(Long.parseLong(fields[0]), Long.parseLong(fields[1]));
  }
}
