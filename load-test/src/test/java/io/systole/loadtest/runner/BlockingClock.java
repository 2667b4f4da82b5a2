// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import io.systole.protocol.time.Clock;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A correct clock that keeps the client's single event loop from its work for a while. */
final class BlockingClock implements Clock {
  /** Covers a window of a second; after it the loop runs at normal speed. */
  static final long TOTAL_NS_MAX = TimeUnit.SECONDS.toNanos(3);

  private final long everyNs;
  private final long blockNs;
  private final BooleanSupplier isBlocking;
  private final boolean isSpinning;
  private long lastNs = System.nanoTime();
  private long totalNs;

  private BlockingClock(
      long everyMs, long blockMs, boolean isSpinning, BooleanSupplier isBlocking) {
    this.isBlocking = isBlocking;
    this.isSpinning = isSpinning;
    everyNs = TimeUnit.MILLISECONDS.toNanos(everyMs);
    blockNs = TimeUnit.MILLISECONDS.toNanos(blockMs);
  }

  /**
   * Creates a clock that parks the event loop.
   *
   * @param everyMs minimum time between the starts of two blocks
   * @param blockMs length of a block
   */
  static BlockingClock parking(long everyMs, long blockMs, BooleanSupplier isBlocking) {
    return new BlockingClock(everyMs, blockMs, false, isBlocking);
  }

  /** Creates a clock that makes the event loop spin in each call, for {@code blockMs}. */
  static BlockingClock spinning(long blockMs, BooleanSupplier isBlocking) {
    return new BlockingClock(0, blockMs, true, isBlocking);
  }

  @Override
  public long monotonicNs() {
    if (Thread.currentThread().getName().startsWith("systole-client")) {
      block();
    }
    return System.nanoTime();
  }

  /** Called by the single event loop only. */
  private void block() {
    long startNs = System.nanoTime();
    if (startNs - lastNs < everyNs || totalNs >= TOTAL_NS_MAX || !isBlocking.getAsBoolean()) {
      return;
    }
    lastNs = startNs;
    totalNs += blockNs;
    for (long leftNs = blockNs; leftNs > 0; leftNs = startNs + blockNs - System.nanoTime()) {
      if (isSpinning) {
        Thread.onSpinWait();
      } else {
        LockSupport.parkNanos(leftNs);
      }
    }
  }

  @Override
  public long wallMs() {
    return System.currentTimeMillis();
  }
}
