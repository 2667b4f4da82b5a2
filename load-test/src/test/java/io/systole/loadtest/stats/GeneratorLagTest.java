// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.stats;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class GeneratorLagTest {
  private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

  private final GeneratorLag lateness = new GeneratorLag();

  private static long ms(long ms) {
    return TimeUnit.MILLISECONDS.toNanos(ms);
  }

  @Test
  void over_oneLongDelayAmongPunctualWakeUps_weighsAsLongAsItTook() {
    for (int ms = 0; ms < 900; ms++) {
      lateness.record(ms(ms), ms(ms));
    }
    lateness.record(ms(900), ms(1000));

    Histogram late = lateness.over(SECOND_NS);

    assertThat(late.getTotalCount()).isEqualTo(1000);
    assertThat(late.getValueAtPercentile(89)).isLessThan(1_000);
    assertThat(late.getValueAtPercentile(95)).isBetween(ms(49), ms(51));
    assertThat(late.getValueAtPercentile(99)).isBetween(ms(89), ms(91));
  }

  @Test
  void record_overlappingStretches_countsEachMillisecondOnce() {
    lateness.record(ms(0), ms(50));
    lateness.record(ms(10), ms(50));
    lateness.record(ms(20), ms(60));

    Histogram late = lateness.over(ms(60));

    assertThat(late.getTotalCount()).isEqualTo(60);
    assertThat(late.getValueAtPercentile(100)).isBetween(ms(49), ms(51));
  }

  @Test
  void record_acrossTheOverflowOfTheClock_isStillLate() {
    lateness.record(Long.MAX_VALUE - 10, Long.MIN_VALUE + ms(5));

    assertThat(lateness.over(ms(10)).getMaxValue()).isBetween(ms(5), ms(6));
  }

  @Test
  void over_nothingLate_isPunctualThroughout() {
    Histogram late = lateness.over(SECOND_NS);

    assertThat(late.getTotalCount()).isEqualTo(1000);
    assertThat(late.getMaxValue()).isLessThan(1_000);
  }
}
