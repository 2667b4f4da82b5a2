// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import io.systole.loadtest.report.Report.Generator;
import io.systole.loadtest.report.Report.Loop;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/** Whether the load generator itself kept up, and by which figures. */
final class GeneratorMonitor {
  /**
   * From here on a loop has too little left to answer what comes at once: what then waits, waits
   * for the generator, and the target would be charged for it.
   */
  static final double BUSY_SHARE_MAX = 0.9;

  /**
   * From here on a place in flight was waited for so often that the 99th percentile from due may
   * hold some of it.
   */
  static final double FULL_SHARE_MAX = 0.01;

  private static final double NS_PER_MS = 1e6;
  private static final double PERCENT = 100;

  /** Collections that a concurrent collector counts as cycles are no pauses. */
  private static final String CYCLES = "Cycles";

  private GeneratorMonitor() {}

  /**
   * What was seen of it in a window.
   *
   * @param cores CPU seconds per second
   * @param late ns by which its wake-ups were late, for each millisecond and loop
   * @param probed the same by requests for their state
   * @param fullShare of the time, that beats waited for a place in flight
   * @param loops the time that each ran and waited for a core
   * @param gcMs pauses of its collector
   */
  record Sample(
      double cores,
      Histogram late,
      Histogram probed,
      double fullShare,
      List<Loop> loops,
      long gcMs) {}

  /** Returns the verdict on an open model: the generator may not be late by itself. */
  static Generator ofRun(Sample seen, int lagMsMax, int intervalMs) {
    List<String> faults = new ArrayList<>();
    double p99Ms = lagMs(seen, 99);
    double maxMs = lagMaxMs(seen);
    boolean isLate = p99Ms > lagMsMax;
    if (isLate) {
      faults.add(String.format(
          Locale.ROOT, "its own lag was %.1f ms at p99, more than --lag-max=%d", p99Ms, lagMsMax));
    }
    if (maxMs >= intervalMs) {
      faults.add(String.format(
          Locale.ROOT, "it was late by %.0f ms, a whole interval of %d ms", maxMs, intervalMs));
    }
    Loop busiest = greatest(seen, Loop::ranShare);
    Loop neediest = greatest(seen, GeneratorMonitor::wantedShare);
    if (busiest.ranShare() >= BUSY_SHARE_MAX) {
      faults.add("generator busy: " + use(busiest) + ": more --loops, or less to do");
    } else if (wantedShare(neediest) >= BUSY_SHARE_MAX
        || (isLate && wantedShare(neediest) > 2 * neediest.ranShare())) {
      // A loop that is late and waits for longer than it runs is late because it waits.
      faults.add("starved of cores: " + use(neediest) + ": fewer threads on these cores");
    }
    boolean isValid = faults.isEmpty();
    if (isValid && seen.fullShare > FULL_SHARE_MAX) {
      faults.add(String.format(
          Locale.ROOT,
          "its in-flight window was full %.0f %% of the time, which latency from due includes:"
              + " more --connections or --in-flight",
          seen.fullShare * PERCENT));
    }
    return generator(seen, isValid, String.join("; ", faults));
  }

  /** Returns what is to be said of a closed loop, where being busy is the aim. */
  static Generator ofPeak(Sample seen) {
    Loop neediest = greatest(seen, GeneratorMonitor::wantedShare);
    String bound = wantedShare(neediest) >= BUSY_SHARE_MAX
        ? "generator-bound: " + use(neediest) + "; the target may have more"
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

  private static Generator generator(Sample seen, boolean isValid, String why) {
    Runtime runtime = Runtime.getRuntime();
    return new Generator(
        seen.cores,
        lagMs(seen, 99),
        lagMaxMs(seen),
        seen.gcMs,
        runtime.totalMemory() - runtime.freeMemory(),
        seen.fullShare,
        seen.loops,
        isValid,
        why);
  }

  private static String use(Loop loop) {
    Double waitedShare = loop.waitedShare();
    return String.format(
        Locale.ROOT,
        "an event loop ran %.0f %% of the time%s",
        loop.ranShare() * PERCENT,
        waitedShare == null
            ? ""
            : String.format(Locale.ROOT, " and waited for a core %.0f %%", waitedShare * PERCENT));
  }

  private static Loop greatest(Sample seen, ToDoubleFunction<Loop> share) {
    return seen.loops.stream().max(Comparator.comparingDouble(share)).orElse(new Loop(0, null));
  }

  /** Returns the share of the time in which a loop ran or could have run. */
  private static double wantedShare(Loop loop) {
    Double waitedShare = loop.waitedShare();
    return loop.ranShare() + (waitedShare == null ? 0 : waitedShare);
  }

  private static double lagMs(Sample seen, double percent) {
    return Math.max(
            seen.late.getValueAtPercentile(percent), seen.probed.getValueAtPercentile(percent))
        / NS_PER_MS;
  }

  private static double lagMaxMs(Sample seen) {
    return Math.max(seen.late.getMaxValue(), seen.probed.getMaxValue()) / NS_PER_MS;
  }
}
