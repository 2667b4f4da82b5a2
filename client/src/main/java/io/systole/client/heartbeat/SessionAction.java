// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

/** What the event loop is to do next for a session. */
public enum SessionAction {
  NOTHING,
  /** Queue a beat. */
  BEAT,
  /** The beat that is due must be skipped, for the one before it is still under way. */
  SKIP,
  /** Queue the change, a registration or a cancel; {@link Session#nextChange()} tells which. */
  CHANGE,
  /** Queue the change after a wait, which grows with {@link Session#attempts()}. */
  CHANGE_LATER,
  /** Forget the session. */
  END
}
