// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.time.ManualClock;
import org.junit.jupiter.api.Test;

/** Scanning a damaged journal took minutes without a log line. */
class RecoveryProgressTest {
  private final ManualClock clock = new ManualClock();
  private final RecoveryProgress progress = new RecoveryProgress(clock, corruptRange -> {});

  @Test
  void advanced_withinTheInterval_logsNothing() {
    clock.advanceNs(RecoveryProgress.INTERVAL_NS - 1);
    progress.advanced("journal", 1, 10);

    assertThat(progress.lines()).isZero();
  }

  @Test
  void advanced_severalIntervals_logsALineEach() {
    for (int i = 1; i <= 3; i++) {
      clock.advanceNs(RecoveryProgress.INTERVAL_NS);
      progress.advanced("journal", i, 10);
      progress.advanced("journal", i, 10);
    }

    assertThat(progress.lines()).isEqualTo(3);
  }
}
