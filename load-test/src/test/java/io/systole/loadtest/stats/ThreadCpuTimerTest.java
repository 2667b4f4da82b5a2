// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.stats;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ThreadCpuTimerTest {
  @Test
  void times_threadThatSpins_ranAndWaitedForAllOfIt() {
    ThreadCpuTimer thread = ThreadCpuTimer.current();
    LoopTimes before = thread.times();
    long startNs = System.nanoTime();
    long lengthNs = TimeUnit.MILLISECONDS.toNanos(200);

    while (System.nanoTime() - startNs < lengthNs) {
      Thread.onSpinWait();
    }

    LoopTimes spun = thread.times().since(before);
    assertThat(spun.ranNs()).isPositive();
    assertThat(spun.ranNs() + Math.max(0, spun.waitedNs())).isGreaterThan(lengthNs / 2);
  }

  @Test
  void parse_schedstat_keepsRunAndWaitApart() {
    assertThat(ThreadCpuTimer.parse("610 340 7\n")).isEqualTo(new LoopTimes(610, 340));
  }

  @Test
  void since_waitThatIsNotCounted_staysUnknown() {
    LoopTimes start = new LoopTimes(10, LoopTimes.UNKNOWN);

    assertThat(new LoopTimes(30, 50).since(start)).isEqualTo(new LoopTimes(20, LoopTimes.UNKNOWN));
    assertThat(new LoopTimes(30, 50).since(new LoopTimes(10, 20))).isEqualTo(new LoopTimes(20, 30));
  }
}
