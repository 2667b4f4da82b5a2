// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.stats;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class GeneratorLagTest {
  private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

  private final GeneratorLag lag = new GeneratorLag();

  private static long ms(long ms) {
    return TimeUnit.MILLISECONDS.toNanos(ms);
  }

  @Test
  void over_oneLongDelayAmongPunctualWakeUps_weighsAsLongAsItTook() {
    for (int ms = 0; ms < 900; ms++) {
      lag.record(ms(ms), ms(ms));
    }
    lag.record(ms(900), ms(1000));

    Histogram late = lag.over(SECOND_NS);

    assertThat(late.getTotalCount()).isEqualTo(1000);
    assertThat(late.getValueAtPercentile(89)).isLessThan(1_000);
    assertThat(late.getValueAtPercentile(95)).isBetween(ms(49), ms(51));
    assertThat(late.getValueAtPercentile(99)).isBetween(ms(89), ms(91));
  }

  @Test
  void record_overlappingStretches_countsEachMillisecondOnce() {
    lag.record(ms(0), ms(50));
    lag.record(ms(10), ms(50));
    lag.record(ms(20), ms(60));

    Histogram late = lag.over(ms(60));

    assertThat(late.getTotalCount()).isEqualTo(60);
    assertThat(late.getValueAtPercentile(100)).isBetween(ms(49), ms(51));
  }

  @Test
  void record_acrossTheOverflowOfTheClock_isStillLate() {
    lag.record(Long.MAX_VALUE - 10, Long.MIN_VALUE + ms(5));

    assertThat(lag.over(ms(10)).getMaxValue()).isBetween(ms(5), ms(6));
  }

  @Test
  void over_nothingLate_isPunctualThroughout() {
    Histogram late = lag.over(SECOND_NS);

    assertThat(late.getTotalCount()).isEqualTo(1000);
    assertThat(late.getMaxValue()).isLessThan(1_000);
  }
}
