// SPDX-License-Identifier: Apache-2.0
package io.systole.server.hostile;

/** One kind of hostile traffic. All methods but {@link #stats} are for the attackers' loop. */
interface Attack {
  /** Sends the requests due; called every few milliseconds. */
  void tick(long nowNs);

  /** Closes all connections; a later tick starts over. */
  void pause();

  AttackStats stats();
}
