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

/** The check that the load generator kept up. */
final class GeneratorMonitor {
  /**
   * From this share on, a loop cannot process responses at once, and the wait would count as
   * latency of the target.
   */
  static final double BUSY_SHARE_MAX = 0.9;

  /** From this share on, the 99th percentile from due may include waits for the in-flight limit. */
  static final double FULL_SHARE_MAX = 0.01;

  private static final double NS_PER_MS = 1e6;
  private static final double PERCENT = 100;

  /** Name part of collectors that report concurrent cycles, which are not pauses. */
  private static final String CYCLES = "Cycles";

  private GeneratorMonitor() {}

  /**
   * The generator's measurements in a window.
   *
   * @param cores CPU seconds per second
   * @param late wake-up lag, ns, for each millisecond and loop
   * @param probed lag by state requests, ns, for each millisecond and loop
   * @param fullShare share of the time in which heartbeats waited for the in-flight limit
   * @param loops run and wait shares of each loop
   * @param gcMs garbage collection pauses
   */
  record Sample(
      double cores,
      Histogram late,
      Histogram probed,
      double fullShare,
      List<Loop> loops,
      long gcMs) {}

  /** Returns the result for an open model, in which the generator must not be late by itself. */
  static Generator ofRun(Sample sample, int lagMsMax, int intervalMs) {
    List<String> faults = new ArrayList<>();
    double p99Ms = lagMs(sample, 99);
    double maxMs = lagMaxMs(sample);
    boolean isLate = p99Ms > lagMsMax;
    if (isLate) {
      faults.add(String.format(
          Locale.ROOT, "its own lag was %.1f ms at p99, more than --lag-max=%d", p99Ms, lagMsMax));
    }
    if (maxMs >= intervalMs) {
      faults.add(String.format(
          Locale.ROOT, "it was late by %.0f ms, a whole interval of %d ms", maxMs, intervalMs));
    }
    Loop busiest = greatest(sample, Loop::ranShare);
    Loop greatestDemand = greatest(sample, GeneratorMonitor::demandShare);
    if (busiest.ranShare() >= BUSY_SHARE_MAX) {
      faults.add("generator busy: " + usage(busiest) + ": raise --loops, or reduce the load");
    } else if (demandShare(greatestDemand) >= BUSY_SHARE_MAX
        || (isLate && demandShare(greatestDemand) > 2 * greatestDemand.ranShare())) {
      // A late loop that waits longer than it runs is late because it waits.
      faults.add(
          "starved of cores: " + usage(greatestDemand) + ": run fewer threads on these cores");
    }
    boolean isValid = faults.isEmpty();
    if (isValid && sample.fullShare > FULL_SHARE_MAX) {
      faults.add(String.format(
          Locale.ROOT,
          "its in-flight window was full %.0f %% of the time, which latency from due includes:"
              + " raise --connections or --in-flight",
          sample.fullShare * PERCENT));
    }
    return generator(sample, isValid, String.join("; ", faults));
  }

  /** Returns the result for a closed loop, in which a busy generator is expected. */
  static Generator ofPeak(Sample sample) {
    Loop greatestDemand = greatest(sample, GeneratorMonitor::demandShare);
    String bound = demandShare(greatestDemand) >= BUSY_SHARE_MAX
        ? "generator-bound: " + usage(greatestDemand) + "; the target may have more"
        : "";
    return generator(sample, true, bound);
  }

  /** Returns the total pauses of this process's collectors, ms. */
  static long gcMs() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
        .filter(collector -> !collector.getName().contains(CYCLES))
        .mapToLong(GarbageCollectorMXBean::getCollectionTime)
        .filter(ms -> ms > 0)
        .sum();
  }

  private static Generator generator(Sample sample, boolean isValid, String reason) {
    Runtime runtime = Runtime.getRuntime();
    return new Generator(
        sample.cores,
        lagMs(sample, 99),
        lagMaxMs(sample),
        sample.gcMs,
        runtime.totalMemory() - runtime.freeMemory(),
        sample.fullShare,
        sample.loops,
        isValid,
        reason);
  }

  private static String usage(Loop loop) {
    Double waitedShare = loop.waitedShare();
    return String.format(
        Locale.ROOT,
        "an event loop ran %.0f %% of the time%s",
        loop.ranShare() * PERCENT,
        waitedShare == null
            ? ""
            : String.format(Locale.ROOT, " and waited for a core %.0f %%", waitedShare * PERCENT));
  }

  private static Loop greatest(Sample sample, ToDoubleFunction<Loop> share) {
    return sample.loops.stream().max(Comparator.comparingDouble(share)).orElse(new Loop(0, null));
  }

  /** Returns the share of the time in which a loop ran or was runnable. */
  private static double demandShare(Loop loop) {
    Double waitedShare = loop.waitedShare();
    return loop.ranShare() + (waitedShare == null ? 0 : waitedShare);
  }

  private static double lagMs(Sample sample, double percent) {
    return Math.max(
            sample.late.getValueAtPercentile(percent), sample.probed.getValueAtPercentile(percent))
        / NS_PER_MS;
  }

  private static double lagMaxMs(Sample sample) {
    return Math.max(sample.late.getMaxValue(), sample.probed.getMaxValue()) / NS_PER_MS;
  }
}
