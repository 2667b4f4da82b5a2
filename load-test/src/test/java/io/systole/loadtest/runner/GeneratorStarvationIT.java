// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.loadtest.FakeTarget;
import io.systole.loadtest.FakeTarget.Behavior;
import io.systole.loadtest.report.Report;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** A load generator that competes with spinning threads for all cores. */
@Isolated("takes the cores from all other tests")
class GeneratorStarvationIT {
  private static final int LAG_MS_MAX = 250;

  private final StringWriter reported = new StringWriter();

  private boolean isMeasuring() {
    return reported.toString().contains("measuring");
  }

  @Test
  void run_generatorThatGetsNoCore_isStarvedAndNotBusy() throws Exception {
    Report report;
    try (FakeTarget target = new FakeTarget(Behavior.RENEWS)) {
      Workload workload = Workload.builder(Workload.Mode.RUN, target.url())
          .fleet(400, 1, 1_000)
          .load(8, 1, 1)
          .window(0, 1_000)
          .limits(5_000, LAG_MS_MAX)
          .build();
      for (int each = 0; each < 3 * Runtime.getRuntime().availableProcessors(); each++) {
        Thread thread = new Thread(this::spinWhileMeasuring, "spinner");
        thread.setDaemon(true);
        thread.start();
      }

      report = new WorkloadRunner(
              workload,
              new Progress(new PrintWriter(reported), false),
              BlockingClock.spinning(2, this::isMeasuring))
          .run();
    }

    assertThat(report.generator().isValid()).isFalse();
    assertThat(report.outcome()).startsWith("invalid, ");
    if (isWaitCounted()) {
      assertThat(report.generator().reason()).contains("starved of cores: ").doesNotContain("busy");
    }
  }

  private static boolean isWaitCounted() {
    return Files.exists(Path.of("/proc/thread-self/schedstat"));
  }

  /** Spins for the length of the window and some more. */
  private void spinWhileMeasuring() {
    while (!isMeasuring()) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
    long startNs = System.nanoTime();
    while (System.nanoTime() - startNs < BlockingClock.TOTAL_NS_MAX) {
      Thread.onSpinWait();
    }
  }
}
