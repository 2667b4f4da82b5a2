// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ProcessMeterTest {
  /** Resolution of the CPU time of a process, at both ends. */
  private static final long STEPS_NS = TimeUnit.MILLISECONDS.toNanos(20);

  private static final long BURN_NS = TimeUnit.MILLISECONDS.toNanos(100);

  @Test
  void cpuNs_thisProcessByItsPid_growsByTheCpuTimeOfItsThreads() {
    ProcessMeter meter = ProcessMeter.of(ProcessHandle.current().pid());
    var threads = ManagementFactory.getThreadMXBean();
    long beforeNs = meter.cpuNs().orElseThrow();
    long startNs = threads.getCurrentThreadCpuTime();

    while (threads.getCurrentThreadCpuTime() - startNs < BURN_NS) {
      Thread.onSpinWait();
    }

    assertThat(meter.cpuNs().orElseThrow() - beforeNs).isGreaterThanOrEqualTo(BURN_NS - STEPS_NS);
  }

  @Test
  void cpuNs_lifeOfThisProcess_isWithinItsCoresAndAge() {
    long cpuNs = ProcessMeter.ofThisProcess().cpuNs().orElseThrow();

    long ageMs = ManagementFactory.getRuntimeMXBean().getUptime() + TimeUnit.MINUTES.toMillis(1);
    int cores = Runtime.getRuntime().availableProcessors();
    assertThat(cpuNs).isLessThan(cores * TimeUnit.MILLISECONDS.toNanos(ageMs));
  }

  @Test
  void of_unknownPid_isRejected() {
    assertThatThrownBy(() -> ProcessMeter.of(Integer.MAX_VALUE))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
