// SPDX-License-Identifier: Apache-2.0
package io.systole.server.route;

/** What stands behind the renew door. One per event loop; called on it alone. */
@FunctionalInterface
public interface HeartbeatHandler {
  /**
   * Renews and answers, without allocating.
   *
   * @param target valid during the call
   * @param nowNs monotonic time of this read cycle
   * @return a bare reply: see {@link Response#isBare}
   */
  Response renew(HeartbeatRequest target, long nowNs);
}
