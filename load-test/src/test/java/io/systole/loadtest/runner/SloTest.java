// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.loadtest.report.Report.Connections;
import io.systole.loadtest.report.Report.Cost;
import io.systole.loadtest.report.Report.Generator;
import io.systole.loadtest.report.Report.Part;
import io.systole.loadtest.report.Report.Percentiles;
import io.systole.loadtest.report.Report.Reads;
import io.systole.loadtest.report.Report.Window;
import io.systole.loadtest.runner.CapacitySearch.Outcome;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SloTest {
  private static final Slo SLO = new Slo(20, 1, OptionalDouble.of(0.5));
  private static final boolean VALID = true;

  /** Returns a window of a hundred heartbeats in a second. */
  private static WindowResult measured(
      double p99Ms, Map<String, Long> statuses, double cores, boolean isValid) {
    return measured(p99Ms, statuses, Map.of(), cores, generator(0, isValid), p99Ms, p99Ms);
  }

  private static Generator generator(double fullShare, boolean isValid) {
    return new Generator(0, 0, 50, 0, 0, fullShare, List.of(), isValid, "");
  }

  private static WindowResult measured(
      double p99Ms,
      Map<String, Long> statuses,
      Map<String, Long> failures,
      double cores,
      Generator generator,
      double sentP99Ms,
      double gapP99Ms) {
    Percentiles fromDue = new Percentiles(1, 2, p99Ms, p99Ms, p99Ms);
    Percentiles fromSent = new Percentiles(1, 2, sentP99Ms, sentP99Ms, sentP99Ms);
    long renewals = statuses.getOrDefault("200", 0L);
    Window window = new Window(
        1, 100, renewals, renewals, renewals, statuses, failures, 0, fromDue, fromSent, gapP99Ms);
    return new WindowResult(
        0,
        window,
        new Cost(1.0, 1.0, 1.0, 1.0),
        cores,
        generator,
        new Connections(0, 0, 0),
        null,
        new Part(0, "", "", "", ""),
        List.of());
  }

  private static Outcome outcome(WindowResult measured) {
    return SLO.outcome(measured, 1_000);
  }

  @Test
  void outcome_allMet_holdsEvenIfTheGeneratorWasLate() {
    Map<String, Long> all = Map.of("200", 99L, "500", 1L);

    assertThat(outcome(measured(20, all, 0.5, VALID))).isEqualTo(Outcome.HELD);
    assertThat(outcome(measured(20, all, 0.5, !VALID))).isEqualTo(Outcome.HELD);
  }

  @Test
  void outcome_tooSlow_isAttributedToTargetOnlyIfGeneratorKeptUp() {
    Map<String, Long> all = Map.of("200", 100L);

    assertThat(outcome(measured(21, all, 0, VALID))).isEqualTo(Outcome.FAILED);
    assertThat(outcome(measured(21, all, 0, !VALID))).isEqualTo(Outcome.GENERATOR_LIMITED);
  }

  @Test
  void outcome_otherResponses_areTheTargetsInAnyCase() {
    Map<String, Long> some = Map.of("200", 98L, "500", 2L);

    assertThat(outcome(measured(1, some, 0, !VALID))).isEqualTo(Outcome.FAILED);
  }

  @Test
  void outcome_heartbeatsWithoutResponse_areErrors() {
    Map<String, Long> some = Map.of("200", 98L);

    assertThat(outcome(measured(1, some, 0, VALID))).isEqualTo(Outcome.FAILED);
    assertThat(outcome(measured(1, some, 0, !VALID))).isEqualTo(Outcome.GENERATOR_LIMITED);
  }

  @Test
  void faults_tooManyCores_areNamed() {
    assertThat(SLO.faults(measured(30, Map.of("200", 100L), 0.6, VALID)))
        .containsExactly("p99 30.0 ms", "0.60 cores");
  }

  @Test
  void outcome_windowFullAndEachAnsweredInTime_isTheWindows() {
    Map<String, Long> all = Map.of("200", 100L);

    assertThat(outcome(measured(90, all, Map.of(), 0, generator(0.9, VALID), 20, 20)))
        .isEqualTo(Outcome.WINDOW_LIMITED);
    assertThat(outcome(measured(90, all, Map.of(), 0, generator(0.005, VALID), 20, 20)))
        .isEqualTo(Outcome.FAILED);
  }

  @Test
  void outcome_windowFullAndTargetSlowOrStalls_isAttributedToTarget() {
    Map<String, Long> all = Map.of("200", 100L);

    assertThat(outcome(measured(90, all, Map.of(), 0, generator(0.9, VALID), 21, 5)))
        .isEqualTo(Outcome.FAILED);
    assertThat(outcome(measured(90, all, Map.of(), 0, generator(0.9, VALID), 5, 21)))
        .isEqualTo(Outcome.FAILED);
  }

  @ParameterizedTest
  @CsvSource({
    "CONNECTION_LOST,FAILED",
    "MALFORMED_RESPONSE,FAILED",
    "TIMED_OUT,FAILED",
    "NOT_SENT,GENERATOR_LIMITED"
  })
  void outcome_failuresBesideALateGenerator_areTheTargetsWhereOnlyItCanCauseThem(
      String reason, Outcome expected) {
    WindowResult measured =
        measured(90, Map.of("200", 90L), Map.of(reason, 10L), 0, generator(0.9, !VALID), 90, 90);

    assertThat(outcome(measured)).isEqualTo(expected);
  }

  @Test
  void outcome_timeOutsBesideAGeneratorAsLate_areTheGenerators() {
    WindowResult measured =
        measured(90, Map.of("200", 90L), Map.of("TIMED_OUT", 10L), 0, generator(0, !VALID), 90, 90);

    assertThat(SLO.outcome(measured, 50)).isEqualTo(Outcome.GENERATOR_LIMITED);
  }

  @Test
  void faults_moreThanAHundredthUnanswered_hasNoP99() {
    WindowResult measured =
        measured(1, Map.of("200", 98L), Map.of("NOT_SENT", 2L), 0, generator(0, VALID), 1, 1);

    assertThat(SLO.faults(measured))
        .containsExactly("p99 unknown, 2 of 100 unanswered", "2 errors");
  }

  @Test
  void outcome_readsThatFailed_areTheTargetsUnlessTheGeneratorFellBehind() {
    Reads reads = new Reads(1, 1, 5, Map.of("200", 4L), 1, 0, 1, 1, 1, "");
    Map<String, Long> all = Map.of("200", 100L);

    assertThat(outcome(measured(1, all, 0, VALID).with(reads))).isEqualTo(Outcome.FAILED);
    assertThat(outcome(measured(1, all, 0, !VALID).with(reads)))
        .isEqualTo(Outcome.GENERATOR_LIMITED);
    assertThat(SLO.faults(measured(1, all, 0, VALID).with(reads)))
        .singleElement()
        .asString()
        .startsWith("1 of 5 reads failed");
  }
}
