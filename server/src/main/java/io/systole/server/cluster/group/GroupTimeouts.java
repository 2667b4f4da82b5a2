// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.group;

/**
 * The timeouts and intervals of the built-in stack, ms.
 *
 * @param joinMs how long a new member waits for responses before it creates the group, and for the
 *     coordinator to admit it
 * @param suspectMs how long without a heartbeat until a member is suspected; less than a garbage
 *     collection takes would suspect live members
 * @param heartbeatMs the interval at which heartbeats are sent and checked
 * @param verifyMs how long a suspected member has to respond
 * @param mergeMs the maximum interval at which the parts of a split group discover each other
 */
record GroupTimeouts(long joinMs, long suspectMs, long heartbeatMs, long verifyMs, long mergeMs) {
  static final GroupTimeouts DEFAULT = new GroupTimeouts(2_000, 8_000, 2_000, 500, 3_000);
}
