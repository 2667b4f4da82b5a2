// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import io.systole.client.heartbeat.FailureReason;
import io.systole.client.heartbeat.RequestType;
import io.systole.client.heartbeat.Session;

/**
 * A listener for the connections of one event loop, called on that loop. Requests may be sent from
 * {@link #cycleEnded}, {@link #opened} and {@link #resumed}, not from the other methods.
 */
public interface ConnectionListener {
  /**
   * Called when requests go to this server from now on; followed by {@link #opened} for its first
   * connection.
   */
  void connected(ServerAddress server);

  /**
   * Called after {@link #connected} if requests went to another server before.
   *
   * @param from the server used before, or tried without success
   */
  void failedOver(ServerAddress from, ServerAddress to, String cause);

  /** Called when a connection is ready for requests. */
  void opened(Connection connection);

  /** Called when a connection could not be opened. */
  void notOpened();

  /** Called when the delay requested by the server has passed. */
  void resumed();

  /** Called when the server has requested a delay for registrations and cancels only. */
  void changesDeferred(long untilNs);

  /**
   * Called for the response to the oldest request.
   *
   * @param connection its {@link Connection#text()} is the beginning of the body until this returns
   */
  void answered(
      Connection connection,
      Session session,
      RequestType type,
      int status,
      long dueNs,
      long sentNs,
      long answeredNs);

  /** Called when a request has failed without a response. */
  void failed(Session session, RequestType type, FailureReason reason, long dueNs);

  /**
   * Called when a request was not processed: its connection was closed in an orderly way before its
   * response (RFC 9112 §9.6). It may be sent again.
   */
  void unprocessed(Session session, RequestType type, long dueNs);

  /** Called at the end of a read cycle, after its responses; connections may have space again. */
  void cycleEnded(Connection connection, int bytesReceived);

  /** Called after a connection has ended, or failed to open, and all its requests were reported. */
  void closed();
}
