// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.group;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LogLimitTest {
  private final AtomicLong nowNs = new AtomicLong(-1);
  private final LogLimit limit = new LogLimit(nowNs::get);

  @Test
  void admits_sameKind_onceAMinute() {
    boolean isFirst = limit.admits("refused");
    boolean isSecond = limit.admits("refused");
    boolean isOther = limit.admits("full");
    nowNs.addAndGet(TimeUnit.MINUTES.toNanos(1));
    boolean isLater = limit.admits("refused");

    assertThat(isFirst).isTrue();
    assertThat(isSecond).isFalse();
    assertThat(isOther).isTrue();
    assertThat(isLater).isTrue();
  }

  @Test
  void admits_moreKindsThanMaximum_refusesUntilOldOnesExpire() {
    for (int i = 0; i < LogLimit.KINDS_MAX; i++) {
      assertThat(limit.admits("kind " + i)).isTrue();
    }

    assertThat(limit.admits("one more")).isFalse();

    nowNs.addAndGet(TimeUnit.MINUTES.toNanos(1));

    assertThat(limit.admits("one more")).isTrue();
  }
}
