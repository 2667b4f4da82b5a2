// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report.html;

import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.Report.Point;
import io.systole.loadtest.report.Report.Sample;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the script draws, by columns. Null is a gap; a column that knows nothing is left out.
 *
 * @param samplesPerPoint 1, or how many samples were made one so that the page stays usable
 */
record PlotData(List<PlottedSide> allSeries, List<EventMarker> marks, int samplesPerPoint) {
  /** Samples drawn in all; some 4 MB of page. */
  static final int SAMPLES_MAX = 40_000;

  private static final MathContext DIGITS = new MathContext(4);
  private static final double PER_MILLI = 1e3;
  private static final double BYTES_PER_MIB = 1 << 20;

  record PlottedSide(String name, List<Round> rounds) {}

  record Round(double windowSecs, Map<String, List<@Nullable Double>> columns) {}

  static PlotData of(List<Series> allSeries) {
    int samples = allSeries.stream()
        .flatMap(series -> series.rounds().stream())
        .mapToInt(report -> report.timeline().size())
        .sum();
    int perPoint = Math.max(1, (samples + SAMPLES_MAX - 1) / SAMPLES_MAX);
    return new PlotData(
        allSeries.stream()
            .map(series -> new PlottedSide(
                series.name(),
                series.rounds().stream().map(report -> round(report, perPoint)).toList()))
            .toList(),
        EventMarker.of(allSeries),
        perPoint);
  }

  /** Whether there is anything in that column of any round. */
  boolean knows(String column) {
    return allSeries.stream()
        .flatMap(series -> series.rounds().stream())
        .anyMatch(round -> round.columns().containsKey(column));
  }

  /** Returns JSON that may stand in a script element: nothing in it can end the element. */
  String json() {
    return JsonMapper.shared().writeValueAsString(this).replace("<", "\\u003c");
  }

  private static Round round(Report report, int perPoint) {
    List<Sample> timeline = Downsampler.of(report.timeline(), perPoint);
    Map<String, List<@Nullable Double>> columns = new LinkedHashMap<>();
    put(columns, "at", timeline.stream().map(s -> Math.round(s.atSecs() * PER_MILLI) / PER_MILLI));
    put(columns, "due", rates(timeline, Sample::due));
    put(columns, "answered", rates(timeline, Sample::answered));
    put(columns, "not200", rates(timeline, Sample::not200));
    put(columns, "failed", rates(timeline, Sample::failed));
    put(columns, "lost", rates(timeline, sample -> sample.not200() + sample.failed()));
    if (timeline.stream().anyMatch(sample -> sample.registered() > 0)) {
      put(columns, "registered", rates(timeline, Sample::registered));
    }
    put(columns, "waiting", timeline.stream().map(sample -> (double) sample.waiting()));
    put(columns, "p50", short4(timeline.stream().map(Sample::p50Ms)));
    put(columns, "p90", short4(timeline.stream().map(Sample::p90Ms)));
    put(columns, "p99", short4(timeline.stream().map(Sample::p99Ms)));
    put(columns, "p999", short4(timeline.stream().map(Sample::p999Ms)));
    put(columns, "max", short4(timeline.stream().map(Sample::maxMs)));
    put(columns, "targetCores", short4(timeline.stream().map(Sample::targetCores)));
    put(columns, "ownCores", short4(timeline.stream().map(Sample::generatorCores)));
    put(columns, "heapMib", short4(timeline.stream().map(s -> mib(s.targetHeapBytes()))));
    put(columns, "residentMib", short4(timeline.stream().map(s -> mib(s.targetResidentBytes()))));
    put(columns, "lag", short4(timeline.stream().map(Sample::generatorLagMs)));
    List<Point> points = drawable(report);
    // One in so many was slower than this: 1 / (1 - q).
    put(columns, "percentileX", points.stream().map(point -> 100 / (100 - point.percent())));
    put(columns, "percentileMs", short4(points.stream().map(Point::ms)));
    return new Round(report.window().secs(), columns);
  }

  /** Returns the points before 100 %, which has no place on a scale of 1 / (1 - q). */
  private static List<Point> drawable(Report report) {
    return report.percentiles().stream().filter(point -> point.percent() < 100).toList();
  }

  /** A count of a sample. */
  private interface Count {
    long of(Sample sample);
  }

  private static Stream<@Nullable Double> rates(List<Sample> timeline, Count count) {
    return short4(timeline.stream()
        .map(sample -> sample.secs() > 0 ? count.of(sample) / sample.secs() : null));
  }

  private static @Nullable Double mib(@Nullable Long bytes) {
    return bytes == null ? null : bytes / BYTES_PER_MIB;
  }

  private static Stream<@Nullable Double> short4(Stream<@Nullable Double> values) {
    return values.map(
        value -> value == null ? null : new BigDecimal(value).round(DIGITS).doubleValue());
  }

  private static void put(
      Map<String, List<@Nullable Double>> columns, String name, Stream<@Nullable Double> values) {
    List<@Nullable Double> column = new ArrayList<>();
    values.forEach(column::add);
    if (column.stream().anyMatch(Objects::nonNull)) {
      columns.put(name, column);
    }
  }
}
