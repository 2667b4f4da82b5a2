// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.loadtest.report.Report.Sample;
import java.util.List;
import org.junit.jupiter.api.Test;

class TimelineTest {
  private final Timeline timeline = new Timeline(4);

  /** Returns a sample of one second. */
  private static Sample sample(double atSecs, long answered) {
    return new Sample(
        atSecs,
        1,
        answered,
        answered,
        0,
        0,
        0,
        answered,
        1.0,
        2.0,
        3.0,
        4.0,
        (double) answered,
        0.5,
        100L,
        200L,
        0.1,
        7);
  }

  private void add(int count) {
    for (int second = 1; second <= count; second++) {
      timeline.add(sample(second, second));
    }
  }

  @Test
  void samples_fewerThanTheMaximum_areOnlyShifted() {
    add(4);

    assertThat(timeline.samples(1.5))
        .extracting(Sample::atSecs)
        .containsExactly(-0.5, 0.5, 1.5, 2.5);
  }

  @Test
  void add_beyondTheBound_joinsNeighboursAndLosesNothing() {
    for (int count = 1; count <= 100; count++) {
      Timeline each = new Timeline(4);
      for (int second = 1; second <= count; second++) {
        each.add(sample(second, second));
      }

      List<Sample> samples = each.samples(0);

      assertThat(samples).hasSizeBetween(Math.min(count, 3), 4);
      assertThat(samples.stream().mapToLong(Sample::answered).sum())
          .isEqualTo(count * (count + 1L) / 2);
      assertThat(samples.stream().mapToDouble(Sample::secs).sum()).isEqualTo(count);
      assertThat(samples.get(samples.size() - 1).atSecs()).isEqualTo(count);
    }
  }

  @Test
  void add_manyTimesTheBound_leavesEntriesOfEqualLength() {
    add(32);

    assertThat(timeline.samples(0)).extracting(Sample::secs).containsExactly(8.0, 8.0, 8.0, 8.0);
  }

  @Test
  void join_two_addsCountsKeepsTheLaterLevelAndTheGreaterLatency() {
    Sample second =
        new Sample(5, 3, 1, 1, 1, 1, 1, 9, null, 9.0, 1.0, 4.0, 6.0, null, null, 300L, 0.5, 2);

    Sample joined = Timeline.join(sample(2, 10), second);

    assertThat(joined)
        .isEqualTo(new Sample(
            5, 4, 11, 11, 1, 1, 1, 9, 1.0, 9.0, 3.0, 4.0, 10.0, 0.5, 100L, 300L, 0.4, 7));
  }

  @Test
  void join_laterIsTheSlower_keepsEachOfItsLatencies() {
    Sample slow =
        new Sample(3, 1, 1, 1, 0, 0, 0, 0, 11.0, 12.0, 13.0, 14.0, 15.0, 0.5, 100L, 200L, 0.1, 9);

    Sample joined = Timeline.join(sample(2, 10), slow);

    assertThat(joined)
        .extracting(
            Sample::p50Ms,
            Sample::p90Ms,
            Sample::p99Ms,
            Sample::p999Ms,
            Sample::maxMs,
            Sample::generatorLagMs)
        .containsExactly(11.0, 12.0, 13.0, 14.0, 15.0, 9.0);
  }
}
