// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LoopThreadTest {
  @Test
  void busyNs_threadThatNeverWaits_growsWithTheTime() {
    LoopThread thread = LoopThread.current();
    long busyBeforeNs = thread.busyNs();
    long startNs = System.nanoTime();
    long lengthNs = TimeUnit.MILLISECONDS.toNanos(200);

    while (System.nanoTime() - startNs < lengthNs) {
      Thread.onSpinWait();
    }

    assertThat(thread.busyNs() - busyBeforeNs).isGreaterThan(lengthNs / 2);
  }
}
