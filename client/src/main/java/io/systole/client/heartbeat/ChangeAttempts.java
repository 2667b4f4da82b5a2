// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

/** The progress of a session's one pending change: a registration or a cancel. */
final class ChangeAttempts {
  /*
   *   (none) --> queued --> in flight --> (none)
   *                ^            |
   *                |            v
   *                +-------- deferred
   *
   * A change is in one of these places at a time. A change whose connection was lost is retried at
   * once, since the connection's own backoff limits the rate. After any other failure, and from the
   * second consecutive failure on, it is deferred, for longer after each attempt.
   */
  private static final int FAILED_MAX = 30;

  /** The first request on a connection is processed, so only a hostile server exceeds this. */
  static final int RESENDS_MAX = 8;

  /** Queued, in flight or deferred. */
  private boolean isPending;

  private boolean isDeferred;
  private byte failed;

  /** Consecutive attempts that were not processed. */
  private byte resends;

  /** Returns the number of consecutive failed attempts, at most 30. */
  int failed() {
    return failed;
  }

  /** Ends a delay; returns whether the change must be queued. */
  boolean resume() {
    boolean wasDeferred = isDeferred;
    isDeferred = false;
    return wasDeferred;
  }

  /** Begins a change, unless one is pending. */
  SessionAction begin() {
    if (isPending) {
      return SessionAction.NOTHING;
    }
    isPending = true;
    return SessionAction.CHANGE;
  }

  /** Begins a change that is not subject to the delay of a previous one. */
  SessionAction beginNow() {
    failed = 0;
    resends = 0;
    return resume() ? SessionAction.CHANGE : begin();
  }

  /** Retries a failed change, at once if permitted. */
  SessionAction retry(boolean isAtOnce) {
    failed = (byte) Math.min(FAILED_MAX, failed + 1);
    resends = 0;
    isPending = true;
    isDeferred = !isAtOnce || failed > 1;
    return isDeferred ? SessionAction.CHANGE_LATER : SessionAction.CHANGE;
  }

  /** Returns whether a change that was not processed (RFC 9112 §9.6) may be resent at once. */
  boolean mayResend() {
    return resends < RESENDS_MAX;
  }

  /** Sends an unprocessed change again, which does not count as a failure. */
  SessionAction resend() {
    resends++;
    isPending = true;
    return SessionAction.CHANGE;
  }

  /** Ends an attempt. */
  void ended() {
    isPending = false;
  }

  /** Clears all failures after an accepted change. */
  void accepted() {
    failed = 0;
    resends = 0;
  }
}
