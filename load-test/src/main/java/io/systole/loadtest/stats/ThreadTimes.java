// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.stats;

/**
 * The scheduling times of an event loop's thread since its start.
 *
 * @param ranNs CPU time
 * @param waitedNs run-queue wait: runnable without a core; {@link #UNKNOWN} if the system does not
 *     count it
 */
public record ThreadTimes(long ranNs, long waitedNs) {
  /** An unknown run-queue wait. */
  public static final long UNKNOWN = -1;

  /** The times of a thread that has not started or has ended. */
  static final ThreadTimes NONE = new ThreadTimes(0, UNKNOWN);

  /** Returns the difference to an earlier reading. */
  public ThreadTimes since(ThreadTimes start) {
    boolean isCounted = waitedNs != UNKNOWN && start.waitedNs != UNKNOWN;
    return new ThreadTimes(ranNs - start.ranNs, isCounted ? waitedNs - start.waitedNs : UNKNOWN);
  }
}
