// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

/** The next action of the event loop for a session. */
public enum SessionAction {
  NOTHING,
  /** Queue a heartbeat. */
  BEAT,
  /** Skip the heartbeat that is due, since the previous one is still pending. */
  SKIP,
  /** Queue the change, a registration or a cancel; see {@link Session#nextChange()}. */
  CHANGE,
  /** Queue the change after a delay that grows with {@link Session#attempts()}. */
  CHANGE_LATER,
  /** Remove the session. */
  END
}
