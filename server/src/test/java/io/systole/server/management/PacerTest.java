// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.time.ManualClock;
import org.junit.jupiter.api.Test;

/** Regression: a simulation used a whole core without a limit. */
class PacerTest {
  private final ManualClock clock = new ManualClock();
  private long pausedNs;
  private final Pacer pacer = new Pacer(clock, 10_000, ns -> {
    pausedNs += ns;
    clock.advanceNs(ns);
  });

  @Test
  void work_inSmallAndLargeSteps_takesAFifthOfTheTime() {
    long beganNs = clock.monotonicNs();
    long workedNs = 0;
    for (int step = 0; step < 500 && !pacer.getAsBoolean(); step++) {
      long tookNs = step % 10 == 0 ? 11_000_000 : 700_000;
      clock.advanceNs(tookNs);
      workedNs += tookNs;
    }

    double share = (double) workedNs / (clock.monotonicNs() - beganNs);
    assertThat(share).isBetween(0.19, 0.21);
    assertThat(pausedNs).isPositive();
  }

  @Test
  void timeIsUp_afterItsMaximum_pausesIncluded() {
    assertThat(pacer.getAsBoolean()).isFalse();
    clock.advanceMs(2_100);

    assertThat(pacer.getAsBoolean()).isFalse();
    clock.advanceMs(1);
    assertThat(pausedNs).isLessThanOrEqualTo(7_900_000_000L);
    assertThat(pacer.getAsBoolean()).isTrue();
  }
}
