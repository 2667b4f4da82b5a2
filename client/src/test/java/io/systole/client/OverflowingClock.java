// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import io.systole.protocol.time.Clock;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A clock set by the test; its monotonic time starts near the overflow. */
public final class OverflowingClock implements Clock {
  private final AtomicLong monotonicNs = new AtomicLong(Long.MAX_VALUE - 1_000_000_000L);
  private final AtomicLong wallMs = new AtomicLong(1_795_206_403_391L);

  @Override
  public long monotonicNs() {
    return monotonicNs.get();
  }

  @Override
  public long wallMs() {
    return wallMs.get();
  }

  /** Advances both times. */
  public void passMs(long ms) {
    monotonicNs.addAndGet(TimeUnit.MILLISECONDS.toNanos(ms));
    wallMs.addAndGet(ms);
  }

  /** Sets the wall clock, as an operator may. */
  public void wallMs(long ms) {
    wallMs.set(ms);
  }
}
