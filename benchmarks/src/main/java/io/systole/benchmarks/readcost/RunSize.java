// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readcost;

/**
 * Amount of work per figure. CPU time has a resolution of 10 ms, so cheap operations are repeated
 * until that is negligible.
 *
 * @param warmupSecs of registrations, and again of changes and fetches, before the measurement
 * @param registrationsMin minimum number measured; a small fleet is cancelled and registered again
 * @param pairsMin minimum number of changes, each with the fetch that follows it
 * @param cpuMsMin minimum CPU time of the server for a block of pairs
 * @param blockSecsMax maximum duration of a block
 */
record RunSize(
    int warmupSecs, int registrationsMin, int pairsMin, double cpuMsMin, double blockSecsMax) {
  /** Number of blocks, each of which gives one mean CPU time. */
  static final int BLOCKS = 5;

  int pairsPerBlock() {
    return 1 + (pairsMin - 1) / BLOCKS;
  }
}
