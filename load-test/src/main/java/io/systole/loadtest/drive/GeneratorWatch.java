// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.drive;

import io.systole.loadtest.report.Report.Generator;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/** Whether the load generator itself kept up, and by which figures. */
final class GeneratorWatch {
  /**
   * From here on a loop has too little left to answer what comes at once: what then waits, waits
   * for the generator, and the target would be charged for it.
   */
  static final double BUSY_SHARE_MAX = 0.9;

  private static final double NS_PER_MS = 1e6;
  private static final double PERCENT = 100;

  /** Collections that a concurrent collector counts as cycles are no pauses. */
  private static final String CYCLES = "Cycles";

  private GeneratorWatch() {}

  /**
   * What was seen of it in a window.
   *
   * @param cores CPU seconds per second
   * @param late ns by which its wake-ups were late, for each millisecond and loop
   * @param probed the same by signs of life
   * @param busyShare of the time, that its busiest loop ran or waited for a core
   * @param gcMs pauses of its collector
   */
  record Seen(double cores, Histogram late, Histogram probed, double busyShare, long gcMs) {}

  /** Returns the verdict on an open model: the generator may not be late by itself. */
  static Generator ofRun(Seen seen, int lagMsMax, int intervalMs) {
    List<String> faults = new ArrayList<>();
    double p99Ms = lagMs(seen, 99);
    double maxMs = lagMaxMs(seen);
    if (p99Ms > lagMsMax) {
      faults.add(String.format(
          Locale.ROOT, "its own lag was %.1f ms at p99, more than --lag-max=%d", p99Ms, lagMsMax));
    }
    if (maxMs >= intervalMs) {
      faults.add(String.format(
          Locale.ROOT, "it was late by %.0f ms, a whole interval of %d ms", maxMs, intervalMs));
    }
    if (seen.busyShare >= BUSY_SHARE_MAX) {
      faults.add(busy(seen) + ": more --loops, or less to do");
    }
    return generator(seen, faults.isEmpty(), String.join("; ", faults));
  }

  /** Returns what is to be said of a closed loop, where being busy is the aim. */
  static Generator ofPeak(Seen seen) {
    String bound = seen.busyShare >= BUSY_SHARE_MAX
        ? "generator-bound: " + busy(seen) + "; the target may have more"
        : "";
    return generator(seen, true, bound);
  }

  /** Returns what the collectors of this process have paused it in all, ms. */
  static long gcMs() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
        .filter(collector -> !collector.getName().contains(CYCLES))
        .mapToLong(GarbageCollectorMXBean::getCollectionTime)
        .filter(ms -> ms > 0)
        .sum();
  }

  private static Generator generator(Seen seen, boolean isValid, String why) {
    Runtime runtime = Runtime.getRuntime();
    return new Generator(
        seen.cores,
        lagMs(seen, 99),
        lagMaxMs(seen),
        seen.gcMs,
        runtime.totalMemory() - runtime.freeMemory(),
        isValid,
        why);
  }

  private static String busy(Seen seen) {
    return String.format(
        Locale.ROOT,
        "its busiest event loop wanted a core %.0f %% of the time",
        seen.busyShare * PERCENT);
  }

  private static double lagMs(Seen seen, double percent) {
    return Math.max(
            seen.late.getValueAtPercentile(percent), seen.probed.getValueAtPercentile(percent))
        / NS_PER_MS;
  }

  private static double lagMaxMs(Seen seen) {
    return Math.max(seen.late.getMaxValue(), seen.probed.getMaxValue()) / NS_PER_MS;
  }
}
