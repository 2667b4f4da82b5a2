// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.stats;

/**
 * The scheduling of one event loop's thread since it began.
 *
 * @param ranNs CPU time
 * @param waitedNs time spent runnable without a core; {@link #UNKNOWN} where the system does not
 *     count it
 */
public record LoopTimes(long ranNs, long waitedNs) {
  /** A run-queue wait that is not counted. */
  public static final long UNKNOWN = -1;

  /** The times of a thread that has not begun or has ended. */
  static final LoopTimes NONE = new LoopTimes(0, UNKNOWN);

  /** Returns the times that went by between two readings. */
  public LoopTimes since(LoopTimes start) {
    boolean isCounted = waitedNs != UNKNOWN && start.waitedNs != UNKNOWN;
    return new LoopTimes(ranNs - start.ranNs, isCounted ? waitedNs - start.waitedNs : UNKNOWN);
  }
}
