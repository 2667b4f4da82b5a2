// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogWriter;

/** Latencies from due as an HdrHistogram log: one interval per window, in nanoseconds. */
public final class HistogramLog {
  private static final double NS_PER_MS = 1e6;
  private static final double MS_PER_SEC = 1e3;

  private HistogramLog() {}

  /** One interval; the tag is empty if all intervals are of one target. */
  private record Interval(Report report, String tag) {}

  /** Returns the log of one or more runs. */
  public static String of(List<Report> reports) {
    return log(reports.stream().map(report -> new Interval(report, "")).toList());
  }

  /** Returns the log of a comparison of one or more rounds, with the targets tagged A and B. */
  public static String of(ComparisonReport rounds) {
    List<Interval> intervals = new ArrayList<>();
    rounds.a().forEach(report -> intervals.add(new Interval(report, "A")));
    rounds.b().forEach(report -> intervals.add(new Interval(report, "B")));
    return log(intervals);
  }

  private static String log(List<Interval> intervals) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    HistogramLogWriter writer = new HistogramLogWriter(bytes);
    long baseMs = startMs(intervals.get(0).report);
    writer.outputComment("[latency from due in ns; maxima in ms]");
    writer.outputLogFormatVersion();
    writer.outputBaseTime(baseMs);
    writer.outputLegend();
    for (Interval interval : intervals) {
      Histogram histogram = Histograms.read(interval.report.part().fromDue());
      if (!interval.tag.isEmpty()) {
        histogram.setTag(interval.tag);
      }
      double startSecs = (startMs(interval.report) - baseMs) / MS_PER_SEC;
      double endSecs = startSecs + interval.report.window().secs();
      writer.outputIntervalHistogram(startSecs, endSecs, histogram, NS_PER_MS);
    }
    writer.close();
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static long startMs(Report report) {
    return Instant.parse(report.part().windowStart()).toEpochMilli();
  }
}
