// SPDX-License-Identifier: Apache-2.0
package io.systole.server.hostile;

/** One instance of the fleet. Confined to the fleet's loop. */
final class Member {
  static final long NEVER = Long.MIN_VALUE;

  final String app;
  final String id;
  final byte[] heartbeat;

  /** When the registration that stands was acknowledged; {@link #NEVER} while none does. */
  long acknowledgedNs = NEVER;

  /** The start of the node, counted from 1, that last renewed it. */
  int renewedByStart;

  /** Whether it was ever registered, and so renews. */
  boolean hasJoined;

  long nextHeartbeatNs;

  /** Whether a heartbeat waits to be sent or for its response. */
  boolean isBeating;

  Member(String app, String id) {
    this.app = app;
    this.id = id;
    this.heartbeat = Wire.heartbeat(app, id);
  }

  byte[] registration() {
    return Wire.registration(app, id);
  }
}
