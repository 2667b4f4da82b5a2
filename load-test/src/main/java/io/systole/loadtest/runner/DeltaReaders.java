// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import io.systole.loadtest.read.ReadLoad;
import io.systole.loadtest.read.Reads;
import io.systole.loadtest.report.Report;
import org.jspecify.annotations.Nullable;

/** Clients that read the delta beside the heartbeats of a drive. For the driving thread. */
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

  /** Returns those of a workload; null when it has none. */
  static @Nullable DeltaReaders of(Workload workload) {
    return workload.traffic().deltaReaders() == 0 ? null : new DeltaReaders(workload);
  }

  /** Begins to read, unless it has begun. */
  void begin() {
    if (!hasBegun) {
      hasBegun = true;
      load.begin(new Reads());
    }
  }

  /** Counts the reads that become due from now on. */
  void openWindow() {
    window = new Reads();
    load.count(window);
  }

  /** Counts the reads that become due from now on no longer. */
  void closeWindow() {
    load.count(new Reads());
  }

  /**
   * Waits for the reads of the window, as long as a heartbeat may take; returns what they came to.
   */
  Report.Reads outcome() throws InterruptedException {
    window.drain(timeoutMs);
    return window.summary(traffic.deltaReaders(), traffic.deltaIntervalMs() / MS_PER_SEC);
  }

  @Override
  public void close() {
    load.close();
  }
}
