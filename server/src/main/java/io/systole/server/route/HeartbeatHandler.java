// SPDX-License-Identifier: Apache-2.0
package io.systole.server.route;

/** Handles heartbeats that the fast path has matched. One per event loop, and confined to it. */
@FunctionalInterface
public interface HeartbeatHandler {
  /**
   * Renews the lease and returns the response, without allocating.
   *
   * @param target valid during the call
   * @param nowNs monotonic time of this read cycle
   * @return a bare response, see {@link Response#isBare}
   */
  Response renew(HeartbeatRequest target, long nowNs);
}
