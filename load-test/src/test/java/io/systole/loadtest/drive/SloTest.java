// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.drive;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.loadtest.drive.CapacitySearch.Outcome;
import io.systole.loadtest.report.Report.Cost;
import io.systole.loadtest.report.Report.Generator;
import io.systole.loadtest.report.Report.Percentiles;
import io.systole.loadtest.report.Report.Window;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class SloTest {
  private static final Slo SLO = new Slo(20, 1, OptionalDouble.of(0.5));
  private static final boolean VALID = true;

  /** A hundred beats in a second, of which so many were not answered 200. */
  private static Measured measured(
      double p99Ms, Map<String, Long> statuses, double cpuUs, boolean isValid) {
    Percentiles ms = new Percentiles(1, 2, p99Ms, p99Ms, p99Ms);
    long renewals = statuses.getOrDefault("200", 0L);
    Window window = new Window(1, 100, renewals, renewals, statuses, Map.of(), 0, ms, ms);
    return new Measured(
        0, window, new Cost(cpuUs, 1, 1, 1), new Generator(0, 0, 0, 0, 0, isValid, ""), List.of());
  }

  @Test
  void outcome_allMet_holdsWhateverTheGeneratorSays() {
    Map<String, Long> all = Map.of("200", 99L, "500", 1L);

    assertThat(SLO.outcome(measured(20, all, 5_000, VALID))).isEqualTo(Outcome.HELD);
    assertThat(SLO.outcome(measured(20, all, 5_000, !VALID))).isEqualTo(Outcome.HELD);
  }

  @Test
  void outcome_tooSlow_isTheTargetsOnlyWhenTheGeneratorKeptUp() {
    Map<String, Long> all = Map.of("200", 100L);

    assertThat(SLO.outcome(measured(21, all, 0, VALID))).isEqualTo(Outcome.FAILED);
    assertThat(SLO.outcome(measured(21, all, 0, !VALID))).isEqualTo(Outcome.GENERATOR);
  }

  @Test
  void outcome_otherAnswers_areTheTargetsInAnyCase() {
    Map<String, Long> some = Map.of("200", 98L, "500", 2L);

    assertThat(SLO.outcome(measured(1, some, 0, !VALID))).isEqualTo(Outcome.FAILED);
  }

  @Test
  void outcome_beatsThatNeverCameBack_areErrors() {
    Map<String, Long> some = Map.of("200", 98L);

    assertThat(SLO.outcome(measured(1, some, 0, VALID))).isEqualTo(Outcome.FAILED);
    assertThat(SLO.outcome(measured(1, some, 0, !VALID))).isEqualTo(Outcome.GENERATOR);
  }

  @Test
  void faults_tooManyCores_areNamed() {
    assertThat(SLO.faults(measured(30, Map.of("200", 100L), 6_000, VALID)))
        .containsExactly("p99 30.0 ms", "0.60 cores");
  }
}
