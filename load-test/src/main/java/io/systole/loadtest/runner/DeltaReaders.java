// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import io.systole.loadtest.read.ReadLoad;
import io.systole.loadtest.read.Reads;
import io.systole.loadtest.report.Report;
import org.jspecify.annotations.Nullable;

/** Clients that poll {@code /apps/delta} during a load session. For the session's thread. */
final class DeltaReaders implements AutoCloseable {
  private static final String PATH = "/apps/delta";
  private static final double MS_PER_SEC = 1e3;

  private final Traffic traffic;
  private final long timeoutMs;
  private final ReadLoad load;
  private Reads window = new Reads();
  private boolean hasBegun;

  private DeltaReaders(Workload workload) {
    traffic = workload.traffic();
    timeoutMs = workload.responseTimeoutMs();
    load = new ReadLoad(workload.target(), traffic.deltaIntervalMs());
    load.add(traffic.deltaReaders(), PATH, PATH);
  }

  /** Returns the readers of a workload; null if it has none. */
  static @Nullable DeltaReaders of(Workload workload) {
    return workload.traffic().deltaReaders() == 0 ? null : new DeltaReaders(workload);
  }

  /** Starts reading; no effect if already started. */
  void begin() {
    if (!hasBegun) {
      hasBegun = true;
      load.begin(new Reads());
    }
  }

  /** Counts the reads that become due from now on. */
  void openWindow() {
    window = new Reads();
    load.countIn(window);
  }

  /** Stops counting reads that become due. */
  void closeWindow() {
    load.countIn(new Reads());
  }

  /** Waits for the window's reads, at most the response timeout, and returns their summary. */
  Report.Reads outcome() throws InterruptedException {
    window.drain(timeoutMs);
    return window.summary(traffic.deltaReaders(), traffic.deltaIntervalMs() / MS_PER_SEC);
  }

  @Override
  public void close() {
    load.close();
  }
}
