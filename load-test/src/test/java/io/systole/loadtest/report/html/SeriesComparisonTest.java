// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report.html;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.loadtest.report.MedianRange;
import io.systole.loadtest.report.Report;
import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class SeriesComparisonTest {
  /** Returns a series whose rounds have a p99 from due of 1.3 ms times these factors. */
  private static Series series(double... slownesses) {
    List<Report> rounds = DoubleStream.of(slownesses)
        .mapToObj(slowness -> Reports.smooth("series", 1, slowness))
        .toList();
    return new Series("series", rounds);
  }

  @Test
  void of_oddRounds_isTheMiddleOneWithBothEnds() {
    assertThat(SeriesComparison.of(ReportFigure.P99, series(10, 20, 100)))
        .contains(new MedianRange(26, 13, 130));
  }

  @Test
  void of_evenRounds_isTheMeanOfTheMiddle() {
    assertThat(SeriesComparison.of(ReportFigure.P99, series(10, 20, 40, 100)))
        .contains(new MedianRange(39, 13, 130));
  }

  @Test
  void of_figureUnknownInAllRounds_isEmpty() {
    assertThat(SeriesComparison.of(ReportFigure.TARGET_CPU, Series.of(Reports.bare("bare"))))
        .isEmpty();
    assertThat(SeriesComparison.of(ReportFigure.P99, Series.of(Reports.bare("bare"))))
        .isEmpty();
  }

  @Test
  void ratio_asManyRounds_isTakenRoundByRound() {
    assertThat(SeriesComparison.ratio(ReportFigure.P99, series(10, 20, 40), series(20, 80, 400)))
        .contains(new MedianRange(4, 2, 10));
  }

  @Test
  void ratio_otherNumberOfRounds_isOfTheMedians() {
    assertThat(SeriesComparison.ratio(ReportFigure.P99, series(10, 20, 40), series(80)))
        .contains(new MedianRange(4, 4, 4));
  }

  @Test
  void ratio_toNothing_isEmpty() {
    assertThat(SeriesComparison.ratio(
            ReportFigure.NOT_RENEWED, series(1), Series.of(Reports.stalled())))
        .isEmpty();
    assertThat(
            SeriesComparison.ratio(ReportFigure.P99, Series.of(Reports.bare("bare")), series(1, 2)))
        .isEmpty();
  }
}
