// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.stats;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ThreadCpuTimerTest {
  @Test
  void times_threadThatSpins_ranAndWaitedForAllOfIt() {
    ThreadCpuTimer thread = ThreadCpuTimer.current();
    ThreadTimes before = thread.times();
    long startNs = System.nanoTime();
    long lengthNs = TimeUnit.MILLISECONDS.toNanos(200);

    while (System.nanoTime() - startNs < lengthNs) {
      Thread.onSpinWait();
    }

    ThreadTimes spun = thread.times().since(before);
    assertThat(spun.ranNs()).isPositive();
    assertThat(spun.ranNs() + Math.max(0, spun.waitedNs())).isGreaterThan(lengthNs / 2);
  }

  @Test
  void parse_schedstat_keepsRunAndWaitApart() {
    assertThat(ThreadCpuTimer.parse("610 340 7\n")).isEqualTo(new ThreadTimes(610, 340));
  }

  @Test
  void since_waitThatIsNotCounted_staysUnknown() {
    ThreadTimes start = new ThreadTimes(10, ThreadTimes.UNKNOWN);

    assertThat(new ThreadTimes(30, 50).since(start))
        .isEqualTo(new ThreadTimes(20, ThreadTimes.UNKNOWN));
    assertThat(new ThreadTimes(30, 50).since(new ThreadTimes(10, 20)))
        .isEqualTo(new ThreadTimes(20, 30));
  }
}
