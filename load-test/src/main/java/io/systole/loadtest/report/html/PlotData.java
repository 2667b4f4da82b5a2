// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report.html;

import io.systole.loadtest.report.PercentilePoint;
import io.systole.loadtest.report.Report;
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
 * The data of the plots by columns. Null is a gap; columns without any value are omitted.
 *
 * @param samplesPerPoint samples reduced to one point, 1 or more
 */
record PlotData(List<PlotSeries> series, List<EventMarker> markers, int samplesPerPoint) {
  /** Maximum number of points in total; about 4 MB of page. */
  static final int SAMPLES_MAX = 40_000;

  private static final MathContext DIGITS = new MathContext(4);
  private static final double PER_MILLI = 1e3;
  private static final double BYTES_PER_MIB = 1 << 20;

  record PlotSeries(String name, List<Round> rounds) {}

  record Round(double windowSecs, Map<String, List<@Nullable Double>> columns) {}

  /**
   * An event as shown in the plots and the table.
   *
   * @param number reference between plot and table, from 1
   * @param seriesIndex of the series it belongs to
   * @param run name of the round
   * @param atSecs seconds from the start of the round's window
   */
  record EventMarker(int number, int seriesIndex, String run, double atSecs, String text) {}

  static PlotData of(List<Series> allSeries) {
    int samples = allSeries.stream()
        .flatMap(series -> series.rounds().stream())
        .mapToInt(report -> report.timeline().size())
        .sum();
    int perPoint = Math.max(1, (samples + SAMPLES_MAX - 1) / SAMPLES_MAX);
    return new PlotData(
        allSeries.stream()
            .map(series -> new PlotSeries(
                series.name(),
                series.rounds().stream().map(report -> round(report, perPoint)).toList()))
            .toList(),
        markers(allSeries),
        perPoint);
  }

  private static List<EventMarker> markers(List<Series> allSeries) {
    List<EventMarker> markers = new ArrayList<>();
    for (int i = 0; i < allSeries.size(); i++) {
      int seriesIndex = i;
      Series.forEachRound(
          List.of(allSeries.get(i)),
          (run, report) -> report
              .events()
              .forEach(event -> markers.add(new EventMarker(
                  markers.size() + 1, seriesIndex, run, event.atSecs(), event.text()))));
    }
    return markers;
  }

  /** Returns whether any round has the column. */
  boolean hasColumn(String column) {
    return series.stream()
        .flatMap(each -> each.rounds().stream())
        .anyMatch(round -> round.columns().containsKey(column));
  }

  /** Returns JSON that is safe in a script element. */
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
    put(columns, "errors", rates(timeline, sample -> sample.not200() + sample.failed()));
    if (timeline.stream().anyMatch(sample -> sample.registered() > 0)) {
      put(columns, "registered", rates(timeline, Sample::registered));
    }
    put(columns, "waiting", timeline.stream().map(sample -> (double) sample.waiting()));
    put(columns, "p50", significantDigits(timeline.stream().map(Sample::p50Ms)));
    put(columns, "p90", significantDigits(timeline.stream().map(Sample::p90Ms)));
    put(columns, "p99", significantDigits(timeline.stream().map(Sample::p99Ms)));
    put(columns, "p999", significantDigits(timeline.stream().map(Sample::p999Ms)));
    put(columns, "max", significantDigits(timeline.stream().map(Sample::maxMs)));
    put(columns, "targetCores", significantDigits(timeline.stream().map(Sample::targetCores)));
    put(columns, "ownCores", significantDigits(timeline.stream().map(Sample::generatorCores)));
    put(
        columns,
        "heapMib",
        significantDigits(timeline.stream().map(s -> mib(s.targetHeapBytes()))));
    put(
        columns,
        "residentMib",
        significantDigits(timeline.stream().map(s -> mib(s.targetResidentBytes()))));
    put(columns, "lag", significantDigits(timeline.stream().map(Sample::generatorLagMs)));
    List<PercentilePoint> points = drawable(report);
    // The reciprocal of the share that was slower: 1 / (1 - q).
    put(columns, "percentileX", points.stream().map(point -> 100 / (100 - point.percent())));
    put(columns, "percentileMs", significantDigits(points.stream().map(PercentilePoint::ms)));
    return new Round(report.window().secs(), columns);
  }

  /** Returns the points below 100 %, which a scale of 1 / (1 - q) cannot show. */
  private static List<PercentilePoint> drawable(Report report) {
    return report.percentiles().stream().filter(point -> point.percent() < 100).toList();
  }

  /** A count of a sample. */
  private interface SampleCount {
    long of(Sample sample);
  }

  private static Stream<@Nullable Double> rates(List<Sample> timeline, SampleCount count) {
    return significantDigits(timeline.stream()
        .map(sample -> sample.secs() > 0 ? count.of(sample) / sample.secs() : null));
  }

  private static @Nullable Double mib(@Nullable Long bytes) {
    return bytes == null ? null : bytes / BYTES_PER_MIB;
  }

  private static Stream<@Nullable Double> significantDigits(Stream<@Nullable Double> values) {
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
