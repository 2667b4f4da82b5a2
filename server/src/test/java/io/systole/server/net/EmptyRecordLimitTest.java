// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EmptyRecordLimitTest {
  /** Monotonic time may be negative. */
  private static final long BEGAN_NS = -5_000_000_000L;

  @Test
  void admits_burst_thenOneEachInterval() {
    EmptyRecordLimit limit = new EmptyRecordLimit(BEGAN_NS);

    for (int i = 0; i < EmptyRecordLimit.BURST; i++) {
      assertThat(limit.admits(BEGAN_NS)).isTrue();
    }
    assertThat(limit.admits(BEGAN_NS)).isFalse();
  }

  @Test
  void admits_oneEachInterval_forever() {
    EmptyRecordLimit limit = new EmptyRecordLimit(BEGAN_NS);

    for (int i = 0; i < 1_000; i++) {
      assertThat(limit.admits(BEGAN_NS + i * EmptyRecordLimit.INTERVAL_NS)).isTrue();
    }
  }
}
