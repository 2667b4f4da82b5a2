// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

/** The spread of the times at which the heartbeats of many instances are due. */
public enum Arrivals {
  /** Even over the interval, on whole milliseconds: few wake-ups and large batches. */
  TICKS,
  /** Even over the interval, on steps of 50 us: the smoothest traffic of a load generator. */
  EVEN,
  /**
   * At random over the interval, on steps of 50 us. Each instance keeps its interval, so all of
   * them together approach a Poisson process, as clients that were started independently do.
   */
  POISSON
}
