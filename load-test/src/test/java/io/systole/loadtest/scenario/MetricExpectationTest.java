// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.Report.Connections;
import io.systole.loadtest.report.Report.Cost;
import io.systole.loadtest.report.Report.Generator;
import io.systole.loadtest.report.Report.Part;
import io.systole.loadtest.report.Report.Percentiles;
import io.systole.loadtest.report.Report.Registrations;
import io.systole.loadtest.report.Report.ReportConditions;
import io.systole.loadtest.report.Report.ReportExpectation;
import io.systole.loadtest.report.Report.Window;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MetricExpectationTest {
  private static Report report(@Nullable Double targetCpuUs) {
    Window window = new Window(
        10,
        100,
        90,
        90,
        9,
        Map.of("200", 90L, "404", 3L, "500", 1L, "503", 2L),
        Map.of("TIMED_OUT", 2L),
        2,
        new Percentiles(1, 19.5, 20, 30, 40),
        new Percentiles(1, 1, 1, 1, 1),
        1);
    return new Report(
        "r",
        new ReportConditions(
            "run", "t", 1, 1, 1, 1, 1, 1, 1, 1, "even", "s", "v", "t", "j", "o", 1),
        new Registrations(10, 2, 5, 0, 0),
        window,
        new Cost(targetCpuUs, 1.0, 1.0, 1.0),
        new Generator(0.5, 3, 9, 0, 1, 0, List.of(), true, ""),
        new Connections(0, 0, 0),
        null,
        null,
        new Part(0, "s", "", "", ""),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        true,
        "");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "due = 100 | 100 | true",
        "answered.not200 = 0 | 6 | false",
        "answered.404 <= 3 | 3 | true",
        "answered.204 = 0 | 0 | true",
        "answered.5xx < 3 | 3 | false",
        "failed = 4 | 4 | true",
        "failed != 4 | 4 | false",
        "rate > 9/s | 9/s | false",
        "rate >= 9/s | 9/s | true",
        "p90 <= 20ms | 19.5ms | true",
        "p90<=19ms | 19.5ms | false",
        "p50 < 0.5s | 1ms | true",
        "registrations.rate >= 5/s | 5/s | true",
        "generator.lag.p99 <= 10ms | 3ms | true",
        "generator.cores < 1 | 0.5 | true",
        "target.cpu-per-renewal <= 5us | 4.5us | true",
        "kept = 100% | 99.5% | false",
        "kept >= 99% | 99.5% | true",
        "converged <= 1h | never | false",
      })
  void evaluate_measuredMetric_isCompared(String text, String actual, boolean held) {
    MetricValues metrics = new MetricValues();
    metrics.put("kept", 0.995);
    metrics.put("converged", Double.POSITIVE_INFINITY);

    ReportExpectation evaluated = MetricExpectation.parse(text).evaluate(report(4.5), metrics);

    assertThat(evaluated).isEqualTo(new ReportExpectation(text, actual, held));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "target.cpu-per-renewal <= 5us | requires --pid",
        "p99 <= 1h | only a lower bound is known",
        "p99.9 <= 1h | only a lower bound is known",
        "max <= 1h | only a lower bound is known",
        "recovery <= 10s | no restart",
        "evicted >= 99% | no instance was stopped",
        "readers.not200 = 0 | there were no readers",
        "converged != 0s | no node was watched",
      })
  void evaluate_unmeasuredMetric_failsWithReason(String text, String reason) {
    ReportExpectation evaluated =
        MetricExpectation.parse(text).evaluate(report(null), new MetricValues());

    assertThat(evaluated.held()).isFalse();
    assertThat(evaluated.actual()).startsWith("not measured: " + reason);
  }

  @Test
  void parse_unknownMetric_listsAll() {
    assertThatThrownBy(() -> MetricExpectation.parse("answered.999 = 0"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("answered.999")
        .hasMessageContaining("kept, strays, p99.growth");
  }
}
