// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report.html;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.Report.Event;
import io.systole.loadtest.report.Report.Sample;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class PlotDataTest {
  private static JsonNode read(PlotData data) {
    return JsonMapper.shared().readTree(data.json());
  }

  private static Report timed(List<Sample> timeline, Event... events) {
    return Reports.with(Reports.bare("bare"), timeline, List.of(events));
  }

  @Test
  void json_secondsWithoutResponses_areNull() {
    Report report = timed(List.of(Reports.answered(1, 8), Reports.silent(2)));

    JsonNode columns =
        read(PlotData.of(List.of(Series.of(report)))).at("/series/0/rounds/0/columns");

    assertThat(columns.at("/at")).isEqualTo(JsonMapper.shared().readTree("[1.0, 2.0]"));
    assertThat(columns.at("/p99")).isEqualTo(JsonMapper.shared().readTree("[8.0, null]"));
    assertThat(columns.at("/answered")).isEqualTo(JsonMapper.shared().readTree("[100.0, 0.0]"));
    assertThat(columns.has("registered")).as("no registrations").isFalse();
  }

  @Test
  void hasColumn_noValues_isFalse() {
    PlotData data = PlotData.of(List.of(Series.of(timed(List.of(Reports.silent(1))))));

    assertThat(data.hasColumn("answered")).isTrue();
    assertThat(data.hasColumn("heapMib")).isFalse();
    assertThat(data.hasColumn("percentileMs")).isFalse();
  }

  @Test
  void json_percentiles_omitTheHundredth() {
    JsonNode columns =
        read(PlotData.of(List.of(Series.of(Reports.stalled())))).at("/series/0/rounds/0/columns");

    assertThat(columns.at("/percentileX/0").asDouble()).isEqualTo(1);
    assertThat(columns.at("/percentileX"))
        .allSatisfy(x -> assertThat(x.asDouble()).isFinite());
    assertThat(columns.at("/percentileX")).hasSameSizeAs(columns.at("/percentileMs"));
  }

  @Test
  void json_eventsOfSeveralRounds_areNumberedConsecutively() {
    Report report = timed(List.of(), new Event(1, "first"), new Event(2, "second"));

    PlotData data = PlotData.of(
        List.of(new Series("a", List.of(report, report)), new Series("b", List.of(report))));

    assertThat(data.markers())
        .extracting(
            PlotData.EventMarker::number,
            PlotData.EventMarker::seriesIndex,
            PlotData.EventMarker::run)
        .containsExactly(
            tuple(1, 0, "a, round 1"),
            tuple(2, 0, "a, round 1"),
            tuple(3, 0, "a, round 2"),
            tuple(4, 0, "a, round 2"),
            tuple(5, 1, "b"),
            tuple(6, 1, "b"));
  }

  @Test
  void json_scriptEnd_isEscaped() {
    Report report = timed(List.of(), new Event(1, "</script><!--<script>"));

    String json = PlotData.of(List.of(new Series("</SCRIPT>", List.of(report)))).json();

    assertThat(json).doesNotContain("<");
    assertThat(JsonMapper.shared().readTree(json).at("/series/0/name").asString())
        .isEqualTo("</SCRIPT>");
    assertThat(JsonMapper.shared().readTree(json).at("/markers/0/text").asString())
        .isEqualTo("</script><!--<script>");
  }

  @Test
  void of_hoursOfSeveralRuns_staysBounded() {
    List<Sample> twoHours =
        IntStream.range(0, 7_200).mapToObj(i -> Reports.answered(i, 1 + i % 7)).toList();
    List<Series> allSeries = IntStream.range(0, Series.ALL_SERIES_MAX)
        .mapToObj(i -> new Series("run " + i, List.of(timed(twoHours))))
        .toList();

    PlotData data = PlotData.of(allSeries);

    int points = data.series().stream()
        .mapToInt(
            series -> requireNonNull(series.rounds().get(0).columns().get("at")).size())
        .sum();
    assertThat(points).isBetween(PlotData.SAMPLES_MAX / 2, PlotData.SAMPLES_MAX);
    assertThat(data.samplesPerPoint()).isEqualTo(2);
    assertThat(data.json()).hasSizeLessThan(6_000_000);
  }
}
