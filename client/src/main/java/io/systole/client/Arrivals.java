// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

/** The distribution of heartbeat due times over the renewal interval. */
public enum Arrivals {
  /** Even, on whole milliseconds: few wake-ups and large batches. */
  TICKS,
  /** Even, on steps of 50 us: the smoothest traffic of a load generator. */
  EVEN,
  /**
   * Random, on steps of 50 us. Each instance keeps its interval, so all instances together
   * approximate a Poisson process, as clients that were started independently do.
   */
  POISSON
}
