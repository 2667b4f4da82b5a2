// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.group;

/**
 * The times of the built-in stack, ms.
 *
 * @param joinMs how long a newcomer waits for members before it founds the group, and for the
 *     coordinator to let it in
 * @param silenceMs after which a member is suspected; less would suspect one that collects garbage
 * @param heartbeatMs the interval of sending and of checking heartbeats
 * @param verifyMs how long a suspected member has to prove that it lives
 * @param mergeMinMs the shortest interval in which parts of a split group look for each other
 * @param mergeMaxMs the longest one
 */
record GroupTimeouts(
    long joinMs, long silenceMs, long heartbeatMs, long verifyMs, long mergeMinMs, long mergeMaxMs) {
  static final GroupTimeouts DEFAULT = new GroupTimeouts(2_000, 8_000, 2_000, 1_000, 2_000, 6_000);
}
