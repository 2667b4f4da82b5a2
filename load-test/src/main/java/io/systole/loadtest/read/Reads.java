// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.read;

import io.systole.loadtest.report.Histograms;
import io.systole.loadtest.report.Report;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** The outcomes of the reads due in one window. Thread-safe. */
public final class Reads {
  /*
   *   due --> answered | failed        drain() fails the reads that are still in progress
   */
  private static final long LOWEST_US = 1;
  private static final long HIGHEST_US = 3_600_000_000L;
  private static final int DIGITS = 3;

  private final Histogram latencyUs = new Histogram(LOWEST_US, HIGHEST_US, DIGITS);
  private final Map<String, Long> statuses = new TreeMap<>();
  private long due;
  private long failed;
  private long bytes;
  private boolean isDrained;

  synchronized void due() {
    due++;
  }

  synchronized void answered(int status, long bodyBytes, long tookUs) {
    if (isDrained) {
      return;
    }
    statuses.merge(Integer.toString(status), 1L, Long::sum);
    bytes += bodyBytes;
    latencyUs.recordValue(Math.max(0, Math.min(tookUs, HIGHEST_US)));
    notifyAll();
  }

  synchronized void failed() {
    if (!isDrained) {
      failed++;
      notifyAll();
    }
  }

  /**
   * Waits until all reads have ended; after {@code timeoutMs}, the remaining ones count as failed.
   */
  public synchronized void drain(long timeoutMs) throws InterruptedException {
    long endNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
    long leftNs = endNs - System.nanoTime();
    while (open() > 0 && leftNs > 0) {
      TimeUnit.NANOSECONDS.timedWait(this, leftNs);
      leftNs = endNs - System.nanoTime();
    }
    failed += open();
    isDrained = true;
  }

  private long open() {
    return due - latencyUs.getTotalCount() - failed;
  }

  /**
   * Returns the counts and latencies.
   *
   * @param clients number of clients
   * @param everySecs read interval of a client
   */
  public synchronized Report.Reads summary(int clients, double everySecs) {
    return Report.Reads.of(
        clients,
        everySecs,
        due,
        new TreeMap<>(statuses),
        failed,
        bytes,
        Histograms.text(latencyUs));
  }
}
