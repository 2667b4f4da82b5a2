// SPDX-License-Identifier: Apache-2.0
package io.systole.client.api;

import java.net.URI;

/**
 * A listener for the requests of one event loop, for metrics. All calls come from that loop's
 * thread on the hot path: implementations must neither block nor allocate. All times are monotonic.
 *
 * <p>Each heartbeat is reported once as due, and then once as answered or as failed.
 */
public interface HeartbeatListener {
  /** A listener that ignores all events. */
  HeartbeatListener NONE = new HeartbeatListener() {};

  /** Called when a heartbeat comes due. */
  default void due(long dueNs) {}

  /**
   * Called when the response to a heartbeat has arrived.
   *
   * @param status response status; 200 means renewed
   * @param dueNs time at which the heartbeat was due, at most {@code sentNs}
   * @param sentNs time at which it was written to the socket
   * @param answeredNs time at which the read that received the response began
   */
  default void answered(int status, long dueNs, long sentNs, long answeredNs) {}

  /** Called when a heartbeat has failed and will not receive a response. */
  default void failed(FailureReason reason, long dueNs) {}

  /**
   * Called when a heartbeat is sent again because the server closed its connection without
   * processing it. For this attempt neither {@link #due} nor {@link #failed} is called again.
   */
  default void resent(long dueNs) {}

  /** Called when a registration was accepted, with 200 or 204. */
  default void registered(int status, long sentNs, long answeredNs) {}

  /**
   * Called when the response to a registration is neither 200 nor 204.
   *
   * @param text the beginning of the response body, or empty
   */
  default void registrationRefused(int status, String text) {}

  /** Called when a registration has failed without a response; it will be retried. */
  default void registrationFailed(FailureReason reason) {}

  /**
   * Called once per wake-up of the event loop, before the heartbeats that are due.
   *
   * @param dueNs scheduled time: the earliest due time of this wake-up
   * @param nowNs actual time, later by the delay of the event loop
   */
  default void loopWokeUp(long dueNs, long nowNs) {}

  /**
   * Called at the end of a read or write cycle with the bytes written to or read from the socket.
   */
  default void bytesTransferred(int bytesSent, int bytesReceived) {}

  /** Called when a connection was opened, including its TLS handshake. Rare; may allocate. */
  default void connectionOpened() {}

  /**
   * Called when a connection could not be opened: name resolution, connecting or the TLS handshake
   * failed. Rare; may allocate.
   */
  default void connectionFailed() {}

  /**
   * Called when requests go to another server: the previous one was lost or overloaded, or one of a
   * more preferred zone is available again. Rare; may allocate.
   *
   * @param from the server used before, or tried without success; without credentials, like
   *     {@code to}
   * @param cause one line for a log
   */
  default void failedOver(URI from, URI to, String cause) {}
}
