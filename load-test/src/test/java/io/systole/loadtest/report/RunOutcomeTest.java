// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.loadtest.report.Report.Comparison;
import io.systole.loadtest.report.Report.Generator;
import io.systole.loadtest.report.Report.Percentiles;
import io.systole.loadtest.report.Report.Reads;
import io.systole.loadtest.report.Report.Window;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RunOutcomeTest {
  private static final Generator HEALTHY = new Generator(0.5, 0, 0, 0, 0, 0, List.of(), true, "");
  private static final Percentiles NONE = new Percentiles(0, 0, 0, 0, 0);

  private static Window window(
      long due, Map<String, Long> statuses, Map<String, Long> failures, long unanswered) {
    return new Window(1, due, 0, 0, 0, statuses, failures, unanswered, NONE, NONE, 0);
  }

  @Test
  void of_everyBeatRenewed_passes() {
    Window window = window(10, Map.of("200", 10L), Map.of(), 0);

    assertThat(RunOutcome.of(1, window, null, HEALTHY, null).reason())
        .isEqualTo(RunOutcome.ALL_RENEWED);
  }

  @Test
  void of_otherStatus_namesIt() {
    Window window = window(10, Map.of("200", 7L, "404", 3L), Map.of(), 0);

    assertThat(RunOutcome.of(1, window, null, HEALTHY, null).reason())
        .isEqualTo("of 10 heartbeats 3 with status 404");
  }

  @Test
  void of_failuresAndUnanswered_namesBoth() {
    Window window = window(10, Map.of("200", 7L), Map.of("TIMED_OUT", 1L), 2);

    assertThat(RunOutcome.of(1, window, null, HEALTHY, null).reason())
        .isEqualTo("of 10 heartbeats 1 TIMED_OUT, 2 unanswered");
  }

  @Test
  void of_nothingDue_fails() {
    Window window = window(0, Map.of(), Map.of(), 0);

    assertThat(RunOutcome.of(1, window, null, HEALTHY, null).reason())
        .startsWith("no heartbeat was due");
  }

  /** A run that a signal had ended early passed. */
  @Test
  void of_windowShorterThanRequested_fails() {
    Window window = window(10, Map.of("200", 9L, "404", 1L), Map.of(), 0);
    Window whole = window(10, Map.of("200", 10L), Map.of(), 0);

    assertThat(RunOutcome.of(30, window, null, HEALTHY, null).reason())
        .isEqualTo("ended early, after 1.0 of 30.0 s; of 10 heartbeats 1 with status 404");
    assertThat(RunOutcome.of(30, whole, null, HEALTHY, null))
        .isEqualTo(new RunOutcome(RunOutcome.Status.FAILED, "ended early, after 1.0 of 30.0 s"));
  }

  @Test
  void of_serverCountDiffers_fails() {
    Window window = window(10, Map.of("200", 10L), Map.of(), 0);

    assertThat(RunOutcome.of(1, window, Comparison.of(11L, 10), HEALTHY, null).reason())
        .isEqualTo("the target's renewal count differs from ours");
  }

  @Test
  void of_serverCountEqualOrUnknown_passes() {
    Window window = window(1000, Map.of("200", 1000L), Map.of(), 0);

    assertThat(
            RunOutcome.of(1, window, Comparison.of(1000L, 1000), HEALTHY, null).reason())
        .isEqualTo(RunOutcome.ALL_RENEWED);
    assertThat(RunOutcome.of(1, window, new Comparison(null, 1000, ""), HEALTHY, null)
            .reason())
        .isEqualTo(RunOutcome.ALL_RENEWED);
  }

  @Test
  void of_generatorFellBehind_isInvalidFirst() {
    Generator late = new Generator(0.5, 0, 0, 0, 0, 0, List.of(), false, "late");
    Window window = window(10, Map.of("200", 7L, "404", 3L), Map.of(), 0);
    Window whole = window(10, Map.of("200", 10L), Map.of(), 0);

    assertThat(RunOutcome.of(1, window, null, late, null).reason())
        .isEqualTo(
            "invalid, the load generator fell behind: late; and of 10 heartbeats 3 with status 404");
    assertThat(RunOutcome.of(1, whole, null, late, null).reason())
        .isEqualTo("invalid, the load generator fell behind: late");
  }

  @Test
  void of_readsThatFailed_fails() {
    Window window = window(10, Map.of("200", 10L), Map.of(), 0);
    Reads reads = new Reads(1, 1, 5, Map.of("200", 3L, "503", 1L), 1, 0, 1, 1, 1, "");

    assertThat(RunOutcome.of(1, window, null, HEALTHY, reads).reason())
        .startsWith("2 of 5 reads failed")
        .endsWith("1 without a response");
  }
}
