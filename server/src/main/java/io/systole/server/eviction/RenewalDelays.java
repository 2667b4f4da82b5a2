// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import io.systole.server.metrics.DurationHistogram;
import io.systole.server.registry.LeaseRenewal.RenewalIntervalListener;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.IntCountsHistogram;

/** The renewal delays of the last five to ten minutes, in total and by application. Thread-safe. */
public final class RenewalDelays implements RenewalIntervalListener {
  /**
   * Statistics of sampled renewal delays: ms after the interval that the instance specifies, 0 if
   * early.
   *
   * @param count the number of samples
   */
  public record RenewalDelaySummary(
      String app, long count, long medianMs, long p90Ms, long p99Ms, long maxMs) {}

  /** The name of all applications beyond the maximum; not a valid application name. */
  public static final String OTHERS = "(others)";

  /** The time between rotations of the two halves of a window. */
  static final long HALF_MS = TimeUnit.MINUTES.toMillis(5);

  private static final long DELAY_MS_MAX = TimeUnit.HOURS.toMillis(1);
  private static final int DIGITS = 2;

  /** A sliding window of two histograms. */
  private static final class Window {
    private IntCountsHistogram current = new IntCountsHistogram(DELAY_MS_MAX, DIGITS);
    private IntCountsHistogram older = new IntCountsHistogram(DELAY_MS_MAX, DIGITS);

    void add(long lateMs) {
      current.recordValue(lateMs);
    }

    void rotate() {
      IntCountsHistogram emptied = older;
      older = current;
      current = emptied;
      current.reset();
    }

    boolean isEmpty() {
      return current.getTotalCount() + older.getTotalCount() == 0;
    }

    RenewalDelaySummary summary(String app) {
      IntCountsHistogram both = current.copy();
      both.add(older);
      return new RenewalDelaySummary(
          app,
          both.getTotalCount(),
          both.getValueAtPercentile(50),
          both.getValueAtPercentile(90),
          both.getValueAtPercentile(99),
          both.getMaxValue());
    }
  }

  private static final long[] BOUNDS_MS = {
    10, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000
  };

  private final int appsMax;

  /** Of all renewals since the start; written under the monitor. */
  private final DurationHistogram histogram = new DurationHistogram(
      Arrays.stream(BOUNDS_MS).map(TimeUnit.MILLISECONDS::toNanos).toArray());

  private final Window all = new Window();
  private final Window others = new Window();
  private final Map<String, Window> byApp = new TreeMap<>();
  private long rotatedNs;

  /** @param appsMax the maximum number of applications with their own window */
  RenewalDelays(int appsMax, long nowNs) {
    this.appsMax = appsMax;
    this.rotatedNs = nowNs;
  }

  @Override
  public synchronized void onRenewal(String app, int intervalSecs, long gapNs) {
    long lateMs = TimeUnit.NANOSECONDS.toMillis(gapNs) - TimeUnit.SECONDS.toMillis(intervalSecs);
    long bounded = Math.max(0, Math.min(lateMs, DELAY_MS_MAX));
    all.add(bounded);
    histogram.add(TimeUnit.MILLISECONDS.toNanos(bounded), 1);
    windowOf(app).add(bounded);
  }

  private Window windowOf(String app) {
    Window window = byApp.get(app);
    if (window == null && byApp.size() >= appsMax) {
      return others;
    }
    return window != null ? window : byApp.computeIfAbsent(app, any -> new Window());
  }

  /** Drops samples that are too old, and applications without samples. */
  synchronized void rotate(long nowNs) {
    if (nowNs - rotatedNs < TimeUnit.MILLISECONDS.toNanos(HALF_MS)) {
      return;
    }
    rotatedNs = nowNs;
    all.rotate();
    others.rotate();
    byApp.values().forEach(Window::rotate);
    byApp.values().removeIf(Window::isEmpty);
  }

  /** Returns the delays of the sampled renewals since the start. */
  public DurationHistogram histogram() {
    return histogram;
  }

  /** Returns the statistics of all renewals. */
  public synchronized RenewalDelaySummary overall() {
    return all.summary("");
  }

  /** Returns the statistics by application in alphabetical order, those of all others last. */
  public synchronized List<RenewalDelaySummary> byApp() {
    List<RenewalDelaySummary> summaries = new ArrayList<>();
    byApp.forEach((app, window) -> summaries.add(window.summary(app)));
    if (!others.isEmpty()) {
      summaries.add(others.summary(OTHERS));
    }
    return summaries;
  }

  /**
   * Returns the statistics of an application, upper case, or those of all others if it has none of
   * its own.
   */
  public synchronized RenewalDelaySummary ofApp(String app) {
    Window window = byApp.get(app);
    return window == null ? others.summary(OTHERS) : window.summary(app);
  }
}
