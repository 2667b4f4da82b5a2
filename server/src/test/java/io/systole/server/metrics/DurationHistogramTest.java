// SPDX-License-Identifier: Apache-2.0
package io.systole.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DurationHistogramTest {
  private final DurationHistogram histogram = new DurationHistogram(10, 100);

  @Test
  void add_atABound_countsInItsBucket() {
    histogram.add(0, 1);
    histogram.add(10, 1);
    histogram.add(11, 1);
    histogram.add(100, 1);
    histogram.add(101, 1);

    assertThat(counts()).containsExactly(2, 2, 1);
    assertThat(histogram.sumNs()).isEqualTo(222);
  }

  @Test
  void add_severalTimes_countsAndSumsAll() {
    histogram.add(50, 1_000_000);

    assertThat(counts()).containsExactly(0, 1_000_000, 0);
    assertThat(histogram.sumNs()).isEqualTo(50_000_000);
  }

  private long[] counts() {
    return IntStream.rangeClosed(0, histogram.boundsNs().length)
        .mapToLong(histogram::count)
        .toArray();
  }
}
