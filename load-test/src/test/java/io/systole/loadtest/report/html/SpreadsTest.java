// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report.html;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.Spread;
import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class SpreadsTest {
  /** A side whose rounds had a p99 from due of 1.3 ms times these. */
  private static Side side(double... slownesses) {
    List<Report> rounds = DoubleStream.of(slownesses)
        .mapToObj(slowness -> Reports.smooth("side", 1, slowness))
        .toList();
    return new Side("side", rounds);
  }

  @Test
  void of_oddRounds_isTheMiddleOneWithBothEnds() {
    assertThat(Spreads.of(Figure.P99, side(10, 20, 100))).contains(new Spread(26, 13, 130));
  }

  @Test
  void of_evenRounds_isTheMeanOfTheMiddle() {
    assertThat(Spreads.of(Figure.P99, side(10, 20, 40, 100))).contains(new Spread(39, 13, 130));
  }

  @Test
  void of_figureThatNoRoundKnows_isEmpty() {
    assertThat(Spreads.of(Figure.TARGET_CPU, Side.of(Reports.bare("bare")))).isEmpty();
    assertThat(Spreads.of(Figure.P99, Side.of(Reports.bare("bare")))).isEmpty();
  }

  @Test
  void ratio_asManyRounds_isTakenRoundByRound() {
    assertThat(Spreads.ratio(Figure.P99, side(10, 20, 40), side(20, 80, 400)))
        .contains(new Spread(4, 2, 10));
  }

  @Test
  void ratio_otherNumberOfRounds_isOfTheMedians() {
    assertThat(Spreads.ratio(Figure.P99, side(10, 20, 40), side(80))).contains(new Spread(4, 4, 4));
  }

  @Test
  void ratio_toNothing_isEmpty() {
    assertThat(Spreads.ratio(Figure.NOT_RENEWED, side(1), Side.of(Reports.stalled())))
        .isEmpty();
    assertThat(Spreads.ratio(Figure.P99, Side.of(Reports.bare("bare")), side(1, 2)))
        .isEmpty();
  }
}
