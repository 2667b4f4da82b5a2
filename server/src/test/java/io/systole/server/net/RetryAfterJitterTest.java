// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static io.systole.server.net.RetryAfterJitter.RANGE_SECS_MIN;
import static io.systole.server.net.RetryAfterJitter.REFUSALS_PER_RANGE_SEC;
import static io.systole.server.net.RetryAfterJitter.SECS_MAX;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RetryAfterJitterTest {
  private final RetryAfterJitter jitter = new RetryAfterJitter(new SplittableRandom(7));

  private List<Integer> next(int count) {
    return IntStream.range(0, count).mapToObj(any -> jitter.next()).toList();
  }

  @Test
  void next_fewRefusals_areSpreadOverTheSmallestRange() {
    List<Integer> values = next(REFUSALS_PER_RANGE_SEC);

    assertThat(values).contains(1, RANGE_SECS_MIN).allMatch(v -> v >= 1 && v <= RANGE_SECS_MIN);
  }

  @Test
  void next_manyRefusals_reachTheLargestValueAndStayWithin() {
    List<Integer> values = next(10_000);

    assertThat(Set.copyOf(values))
        .containsExactlyInAnyOrderElementsOf(
            IntStream.rangeClosed(1, SECS_MAX).boxed().toList());
  }

  @Test
  void next_afterABurst_noValueIsMuchMoreFrequentThanOthers() {
    next(1_000);
    long[] counts = new long[SECS_MAX + 1];

    for (int value : next(30_000)) {
      counts[value]++;
    }

    assertThat(IntStream.rangeClosed(1, SECS_MAX).mapToLong(value -> counts[value]))
        .allMatch(count -> count > 800 && count < 1_200);
  }

  @Test
  void next_quietSecondsAfterABurst_returnsToTheSmallestRange() {
    next(1_000);

    jitter.secondsPassed(10);

    assertThat(next(REFUSALS_PER_RANGE_SEC)).allMatch(value -> value <= RANGE_SECS_MIN);
  }

  @Test
  void next_sameSeed_repeatsTheValues() {
    RetryAfterJitter same = new RetryAfterJitter(new SplittableRandom(7));

    List<Integer> values = next(100);

    assertThat(IntStream.range(0, 100).mapToObj(any -> same.next()).toList()).isEqualTo(values);
  }
}
