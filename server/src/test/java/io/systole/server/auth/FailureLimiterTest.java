// SPDX-License-Identifier: Apache-2.0
package io.systole.server.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FailureLimiterTest {
  private static final long MINUTE_NS = TimeUnit.MINUTES.toNanos(1);

  private final FailureLimiter limiter = new FailureLimiter();

  private int begun(Object source, long nowNs) {
    int begun = 0;
    while (begun < 1_000 && limiter.tryAcquire(source, nowNs)) {
      begun++;
    }
    return begun;
  }

  @Test
  void tryAcquire_moreThanTheMaximum_isRefusedUntilTheMinuteHasPassed() {
    assertThat(begun("a", 0)).isEqualTo(FailureLimiter.FAILURES_MAX);
    assertThat(limiter.tryAcquire("b", 0)).isTrue();

    assertThat(limiter.tryAcquire("a", MINUTE_NS - 1)).isFalse();
    assertThat(begun("a", MINUTE_NS)).isEqualTo(FailureLimiter.FAILURES_MAX);
  }

  @Test
  void refund_afterASuccess_allowsAnother() {
    assertThat(begun("a", 0)).isEqualTo(FailureLimiter.FAILURES_MAX);

    limiter.refund("a");

    assertThat(begun("a", 0)).isEqualTo(1);
  }

  @Test
  void refund_unknownSource_hasNoEffect() {
    limiter.refund("a");

    assertThat(begun("a", 0)).isEqualTo(FailureLimiter.FAILURES_MAX);
  }

  @Test
  void tryAcquire_manySources_forgetsTheEldest() {
    for (int i = 0; i < 2 * FailureLimiter.SOURCES_MAX; i++) {
      limiter.tryAcquire(i, 0);
    }

    assertThat(limiter.sourceCount()).isEqualTo(FailureLimiter.SOURCES_MAX);
  }
}
