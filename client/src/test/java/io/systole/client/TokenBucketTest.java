// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenBucketTest {
  private final OverflowingClock clock = new OverflowingClock();

  private int takeAll(TokenBucket bucket) {
    int taken = 0;
    while (bucket.has(clock.monotonicNs())) {
      bucket.take(clock.monotonicNs());
      taken++;
    }
    return taken;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 7, 10, 64, 999, 1_000, 65_537, 1_000_000})
  void take_continuously_matchesRate(int perSec) {
    TokenBucket bucket = new TokenBucket(perSec, clock.monotonicNs());
    int burst = takeAll(bucket);

    for (int second = 0; second < 3; second++) {
      int passed = 0;
      for (int ms = 0; ms < 1000; ms++) {
        clock.passMs(1);
        passed += takeAll(bucket);
      }

      assertThat(passed).isEqualTo(perSec);
    }
    assertThat(burst).isEqualTo(Math.max(1, perSec / 10));
  }

  @Test
  void take_atIrregularTimes_losesNoCredit() {
    long seed = 42;
    SplittableRandom random = new SplittableRandom(seed);
    TokenBucket bucket = new TokenBucket(777, clock.monotonicNs());
    takeAll(bucket);
    long leftMs = 100_000;
    long passed = 0;

    while (leftMs > 0) {
      long ms = Math.min(leftMs, random.nextLong(1, 90));
      clock.passMs(ms);
      leftMs -= ms;
      passed += takeAll(bucket);
    }

    assertThat(passed).as("seed %d", seed).isEqualTo(77_700);
  }

  @ParameterizedTest
  @ValueSource(longs = {1_000, 86_400_000L, 40L * 365 * 86_400_000})
  void take_afterPause_isLimitedToBurst(long pauseMs) {
    TokenBucket bucket = new TokenBucket(1_000_000, clock.monotonicNs());
    takeAll(bucket);

    clock.passMs(pauseMs);

    assertThat(takeAll(bucket)).isEqualTo(100_000);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 7, 1_000_000})
  void readyNs_emptyBucket_isEarliestTime(int perSec) {
    TokenBucket bucket = new TokenBucket(perSec, clock.monotonicNs());
    takeAll(bucket);

    long readyNs = bucket.readyNs(clock.monotonicNs());

    assertThat(bucket.has(readyNs)).isTrue();
    assertThat(bucket.has(readyNs - 1)).isFalse();
    assertThat(bucket.readyNs(readyNs)).isEqualTo(TokenBucket.READY);
  }

  @Test
  void has_withoutLimit_isTrue() {
    TokenBucket bucket = new TokenBucket(0, clock.monotonicNs());

    for (int count = 0; count < 10_000; count++) {
      bucket.take(clock.monotonicNs());
    }

    assertThat(bucket.has(clock.monotonicNs())).isTrue();
  }
}
