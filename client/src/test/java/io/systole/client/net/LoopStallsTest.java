// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.client.OverflowingClock;
import org.junit.jupiter.api.Test;

class LoopStallsTest {
  /** Near the overflow, as monotonic times may be. */
  private final long startNs = new OverflowingClock().monotonicNs() + 999_999_950L;

  private final LoopStalls stalls = new LoopStalls();

  @Test
  void sinceNs_severalStalls_countsLaterOnes() {
    stalls.record(startNs + 20, 10);
    stalls.record(startNs + 100, 30);

    assertThat(stalls.sinceNs(startNs)).isEqualTo(40);
    assertThat(stalls.sinceNs(startNs + 20)).isEqualTo(30);
    assertThat(stalls.sinceNs(startNs + 90)).isEqualTo(10);
    assertThat(stalls.sinceNs(startNs + 100)).isZero();
  }

  @Test
  void record_beyondCapacity_discardsOldest() {
    for (int stall = 1; stall <= 100; stall++) {
      stalls.record(startNs + 10L * stall, 1);
    }

    assertThat(stalls.sinceNs(startNs)).isEqualTo(16);
  }
}
