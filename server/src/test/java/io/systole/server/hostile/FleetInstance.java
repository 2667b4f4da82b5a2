// SPDX-License-Identifier: Apache-2.0
package io.systole.server.hostile;

/** One instance of the fleet. Confined to the fleet's loop. */
final class FleetInstance {
  static final long NEVER = Long.MIN_VALUE;

  final String app;
  final String id;
  final byte[] heartbeat;

  /** The time of the current registration's acknowledgement, or {@link #NEVER}. */
  long acknowledgedNs = NEVER;

  /** The run of the node, from 1, in which it was last renewed. */
  int renewedByStart;

  /** True if it was ever registered, and therefore renews. */
  boolean hasJoined;

  long nextHeartbeatNs;

  /** True if a heartbeat is queued or in flight. */
  boolean isBeating;

  FleetInstance(String app, String id) {
    this.app = app;
    this.id = id;
    this.heartbeat = RequestBytes.heartbeat(app, id);
  }

  byte[] registration() {
    return RequestBytes.registration(app, id);
  }
}
