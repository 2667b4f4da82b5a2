// SPDX-License-Identifier: Apache-2.0
package io.systole.server.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GrowthLimitTest {
  private static final GrowthLimit LIMIT = new GrowthLimit(0.1, 5);

  private static List<Long> series(int values, IntToLongFunction value) {
    return IntStream.range(0, values).mapToLong(value).boxed().toList();
  }

  @Test
  void compare_steadyGrowth_isNotFlat() {
    GrowthLimit.Comparison found = LIMIT.compare(series(40, i -> 1_000 + 5 * i));

    assertThat(found.first()).isEqualTo(1_022);
    assertThat(found.last()).isEqualTo(1_172);
    assertThat(found.lastMax()).isEqualTo(1_124);
    assertThat(found.isFlat()).isFalse();
  }

  @Test
  void compare_growthHiddenByNoise_isNotFlat() {
    Random random = new Random(1);

    List<Long> leak = series(40, i -> 1_000 + 6 * i + random.nextInt(100));

    assertThat(LIMIT.compare(leak).isFlat()).isFalse();
  }

  @Test
  void compare_stepBeforeTheLastQuarter_isNotFlat() {
    assertThat(LIMIT.compare(series(16, i -> i < 12 ? 100 : 120)).isFlat()).isFalse();
  }

  @Test
  void compare_oneDescriptorAndNoNoiseAllowed_isNotFlat() {
    GrowthLimit exact = new GrowthLimit(0, 0);

    assertThat(exact.compare(series(8, i -> i < 6 ? 40 : 41)).isFlat()).isFalse();
    assertThat(exact.compare(series(8, i -> 40)).isFlat()).isTrue();
  }

  @Test
  void compare_growthWithinTheShareOrTheAmount_isFlat() {
    assertThat(LIMIT.compare(series(16, i -> i < 12 ? 100 : 110)).isFlat()).isTrue();
    assertThat(LIMIT.compare(series(16, i -> i < 12 ? 10 : 15)).isFlat()).isTrue();
    assertThat(LIMIT.compare(series(16, i -> i < 12 ? 10 : 16)).isFlat()).isFalse();
  }

  @Test
  void compare_sawtoothAndSinglePeaks_areFlat() {
    assertThat(LIMIT.compare(series(40, i -> 100 + 50 * (i % 5))).isFlat()).isTrue();
    assertThat(LIMIT.compare(series(40, i -> i == 38 ? 10_000 : 100)).isFlat()).isTrue();
    assertThat(LIMIT.compare(series(40, i -> 1_000 - 10 * i)).isFlat()).isTrue();
  }

  @Test
  void compare_tooFewValues_isRejected() {
    assertThatThrownBy(() -> LIMIT.compare(series(GrowthLimit.VALUES_MIN - 1, i -> i)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("7 values");
  }
}
