// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks;

import io.systole.protocol.time.Clock;

/** A clock that moves only by {@link #advance}. Not thread-safe. */
final class SteppedClock implements Clock {
  private long nowNs;

  void advance(long ns) {
    nowNs += ns;
  }

  @Override
  public long wallMs() {
    return BenchmarkFleet.DIRTY_MS + nowNs / 1_000_000;
  }

  @Override
  public long monotonicNs() {
    return nowNs;
  }
}
