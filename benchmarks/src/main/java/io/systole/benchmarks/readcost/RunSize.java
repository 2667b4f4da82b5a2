// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readcost;

/**
 * How much is done for a figure. CPU time is read in steps of 10 ms, so what costs little is
 * repeated until the steps don't matter.
 *
 * @param warmupSecs of registering, and again of changing and fetching, before anything counts
 * @param registrationsMin measured at least; a small fleet is cancelled and registered again
 * @param pairsMin changes, each with the fetch that follows it, measured at least
 * @param cpuMsMin of the server's, that a block of pairs takes at least
 * @param blockSecsMax after which a block ends nevertheless
 */
record RunSize(
    int warmupSecs, int registrationsMin, int pairsMin, double cpuMsMin, double blockSecsMax) {
  /** A figure of CPU time is the mean of a block; so many blocks show how it spreads. */
  static final int BLOCKS = 5;

  int pairsPerBlock() {
    return 1 + (pairsMin - 1) / BLOCKS;
  }
}
