// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

import java.net.URI;

/**
 * Hears of everything that one event loop of the client does. All calls come from that loop's
 * thread, on the busy path: they must neither block nor allocate. All times are monotonic.
 *
 * <p>Each beat is told once as due, and then once as answered or as failed.
 */
public interface HeartbeatListener {
  /** Hears nothing. */
  HeartbeatListener NONE = new HeartbeatListener() {};

  /** A beat has come due. */
  default void due(long dueNs) {}

  /**
   * A beat was answered.
   *
   * @param status the status of the answer; 200 means renewed
   * @param dueNs when it should have been sent, at most {@code sentNs}
   * @param sentNs when it was handed to the socket
   * @param answeredNs when the read that brought the answer began
   */
  default void answered(int status, long dueNs, long sentNs, long answeredNs) {}

  /** A beat got no answer and never will. */
  default void failed(FailureReason reason, long dueNs) {}

  /** A registration was accepted, with 200 or 204. */
  default void registered(int status, long sentNs, long answeredNs) {}

  /**
   * A registration was answered with anything but 200 or 204.
   *
   * @param text the beginning of the answer's body, or empty
   */
  default void registrationRefused(int status, String text) {}

  /** A registration got no answer; it is tried again. */
  default void registrationFailed(FailureReason reason) {}

  /**
   * The event loop has woken to send what came due; told once per wake-up, before the beats.
   *
   * @param dueNs when it was to wake: the earliest due time of what comes now
   * @param nowNs when it did, later by what the loop had else to do or was kept from
   */
  default void woke(long dueNs, long nowNs) {}

  /** Bytes were handed to the socket, or came from it; the end of a cycle of reading or writing. */
  default void moved(int bytesSent, int bytesReceived) {}

  /** A connection was opened: over TLS, its handshake is complete. Rare, and may allocate. */
  default void connectionOpened() {}

  /**
   * A connection could not be opened: the look-up, connecting or the TLS handshake failed. Rare,
   * and may allocate.
   */
  default void connectionFailed() {}

  /**
   * Requests go to another server than before: the one before was lost or refused, or one of a
   * better zone is back. Rare, and may allocate.
   *
   * @param from who was asked before, or tried in vain; without credentials, like {@code to}
   * @param cause one line for a log
   */
  default void failedOver(URI from, URI to, String cause) {}
}
