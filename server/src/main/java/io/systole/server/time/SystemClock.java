// SPDX-License-Identifier: Apache-2.0
package io.systole.server.time;

/** The system's clocks. */
final class SystemClock implements Clock {
  private final long originNs = System.nanoTime();

  @Override
  public long wallMs() {
    return System.currentTimeMillis();
  }

  @Override
  public long monotonicNs() {
    return System.nanoTime() - originNs;
  }
}
