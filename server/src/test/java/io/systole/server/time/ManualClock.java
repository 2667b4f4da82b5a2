// SPDX-License-Identifier: Apache-2.0
package io.systole.server.time;

import io.systole.protocol.time.Clock;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A clock advanced by tests. Thread-safe. */
public final class ManualClock implements Clock {
  /** 2026-01-01T00:00:00Z. */
  public static final long START_WALL_MS = 1_767_225_600_000L;

  /** Not 0, which many fields use for "never". */
  public static final long START_MONOTONIC_NS = TimeUnit.SECONDS.toNanos(1);

  private final AtomicLong wallMs = new AtomicLong(START_WALL_MS);
  private final AtomicLong monotonicNs = new AtomicLong(START_MONOTONIC_NS);

  @Override
  public long wallMs() {
    return wallMs.get();
  }

  @Override
  public long monotonicNs() {
    return monotonicNs.get();
  }

  /** Advances both clocks. */
  public void advanceMs(long passedMs) {
    wallMs.addAndGet(passedMs);
    advanceNs(TimeUnit.MILLISECONDS.toNanos(passedMs));
  }

  /** Advances only the monotonic clock. */
  public void advanceNs(long passedNs) {
    if (passedNs < 0) {
      throw new IllegalArgumentException("monotonic time can't go back: passedNs=" + passedNs);
    }
    monotonicNs.addAndGet(passedNs);
  }

  /** Steps only the wall clock, in either direction. */
  public void stepWallTo(long epochMs) {
    wallMs.set(epochMs);
  }

  /** Sets the monotonic clock, never back. */
  public void setMonotonicNs(long ns) {
    advanceNs(ns - monotonicNs.get());
  }
}
