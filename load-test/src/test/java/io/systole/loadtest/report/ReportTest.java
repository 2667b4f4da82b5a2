// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.loadtest.report.Report.Percentiles;
import io.systole.loadtest.report.Report.Window;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReportTest {
  @Test
  void of_distinctPercentiles_areEachTheirOwn() {
    Histogram ns = new Histogram(3);
    for (int ms = 1; ms <= 10_000; ms++) {
      ns.recordValue(ms * 1_000_000L);
    }

    Percentiles ms = Percentiles.of(ns);

    assertThat(ms.p50Ms()).isBetween(4_990.0, 5_010.0);
    assertThat(ms.p90Ms()).isBetween(8_990.0, 9_010.0);
    assertThat(ms.p99Ms()).isBetween(9_890.0, 9_910.0);
    assertThat(ms.p999Ms()).isBetween(9_985.0, 9_999.0);
    assertThat(ms.maxMs()).isBetween(9_999.0, 10_010.0);
  }

  @ParameterizedTest
  @CsvSource({
    "10,99,true", "11,99,false",
    "1,99.9,true", "2,99.9,false",
    "100,90,true", "101,90,false",
    "0,100,true", "1,100,false"
  })
  void hasLatencyAt_beatsWithoutResponse_falseWhereOnlyBoundsAreKnown(
      long without, double percent, boolean expected) {
    Percentiles none = new Percentiles(0, 0, 0, 0, 0);
    Window window =
        new Window(1, 1_000, 0, 0, 0, Map.of(), Map.of("NOT_SENT", without), 0, none, none, 0);

    assertThat(window.withoutLatency()).isEqualTo(without);
    assertThat(window.hasLatencyAt(percent)).isEqualTo(expected);
  }
}
