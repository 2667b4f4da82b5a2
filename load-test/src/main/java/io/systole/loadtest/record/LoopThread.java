// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.record;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How long a thread has wanted a core. On Linux that is the time it ran and the time it could have
 * run but for others on its core, for an event loop that has to share its core is as busy as one
 * that has it alone; elsewhere the time it ran.
 */
final class LoopThread {
  private static final Path CURRENT = Path.of("/proc/thread-self");
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final long id;

  /** Nanoseconds run, nanoseconds waited to run, slices (proc(5), schedstat); null if not kept. */
  private final @Nullable Path schedule;

  private LoopThread(long id, @Nullable Path schedule) {
    this.id = id;
    this.schedule = schedule;
  }

  /** Returns the calling thread. */
  static LoopThread current() {
    Path schedule;
    try {
      schedule = CURRENT.toRealPath().resolve("schedstat");
    } catch (IOException e) {
      schedule = null;
    }
    return new LoopThread(Thread.currentThread().getId(), schedule);
  }

  /** Returns the time since the thread began, ns; 0 once it has ended or where nobody keeps it. */
  long busyNs() {
    if (schedule != null) {
      try {
        String[] fields = Files.readString(schedule).split(" ", 3);
        return Long.parseLong(fields[0]) + Long.parseLong(fields[1]);
      } catch (IOException e) {
        return 0;
      }
    }
    return THREADS.isThreadCpuTimeSupported() ? Math.max(0, THREADS.getThreadCpuTime(id)) : 0;
  }
}
