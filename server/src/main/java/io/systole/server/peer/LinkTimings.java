// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

/**
 * The intervals of links, ms.
 *
 * @param batchMs between two batches
 * @param backoffMsMin before the first attempt after a failure
 * @param backoffMsMax before any attempt after a failure
 * @param overloadMs the minimum pause after a 503
 * @param recheckMs before an address of this node, or of another link's peer, is tried again
 * @param comparisonMsMin before the first attempt after a failed comparison
 * @param comparisonMsMax before any attempt after a failed comparison, which may have taken the CPU
 *     for tens of seconds
 */
record LinkTimings(
    long batchMs,
    long backoffMsMin,
    long backoffMsMax,
    long overloadMs,
    long recheckMs,
    long comparisonMsMin,
    long comparisonMsMax) {
  /** Batches within the 500 ms that stock servers take, and their pause after a 503 (spec §5.3). */
  static final LinkTimings DEFAULT =
      new LinkTimings(250, 100, 10_000, 1_000, 30_000, 1_000, 300_000);
}
