// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

import io.systole.protocol.model.InstanceInfo;

/**
 * The one change, a registration or a cancel, that a session has to ask of the server at a time. A
 * part of the session, and of the same object for there are millions.
 */
abstract sealed class Errand extends Spoken permits Session {
  /*
   *   (none) --> queued --> under way --> (none)
   *                ^            |
   *                |            v
   *                +-------- put off
   *
   * A change is in one of these places at a time. One whose connection was lost is tried again at
   * once, since the connection's own delays pace it; after any other failure, and from the second
   * failure in a row on, it is put off, the longer the more attempts have failed.
   */
  private static final int ATTEMPTS_MAX = 30;

  /** The first request on a connection is processed, so this many lead nowhere only by intent. */
  static final int RESENDS_MAX = 8;

  /** Queued, under way or put off. */
  private boolean isPending;

  private boolean isDeferred;
  private byte attempts;

  /** How often in a row it was not processed. */
  private byte resends;

  Errand(InstanceInfo instance) {
    super(instance);
  }

  /** Returns how many attempts in a row have failed, at most 30. */
  public final int attempts() {
    return attempts;
  }

  /** The wait of a change that was put off is over; returns whether it is to be queued. */
  public final boolean retry() {
    boolean wasDeferred = isDeferred;
    isDeferred = false;
    return wasDeferred;
  }

  /** There is something to ask, if it is not under way already. */
  final SessionAction ask() {
    if (isPending) {
      return SessionAction.NOTHING;
    }
    isPending = true;
    return SessionAction.CHANGE;
  }

  /** There is something to ask that is not to wait for what was put off before. */
  final SessionAction askNow() {
    attempts = 0;
    resends = 0;
    return retry() ? SessionAction.CHANGE : ask();
  }

  /** What was asked has failed and must be asked again. */
  final SessionAction askAgain(boolean isAtOnce) {
    attempts = (byte) Math.min(ATTEMPTS_MAX, attempts + 1);
    resends = 0;
    isPending = true;
    isDeferred = !isAtOnce || attempts > 1;
    return isDeferred ? SessionAction.CHANGE_LATER : SessionAction.CHANGE;
  }

  /** Returns whether a change that was not processed may be sent again at once. */
  public final boolean mayResend() {
    return resends < RESENDS_MAX;
  }

  /** What was asked was not processed, which is no failure: it is sent again at once. */
  final SessionAction resend() {
    resends++;
    isPending = true;
    return SessionAction.CHANGE;
  }

  /** What was asked has been answered. */
  final void requested() {
    isPending = false;
  }

  /** What was asked has been granted. */
  final void granted() {
    attempts = 0;
    resends = 0;
  }
}
