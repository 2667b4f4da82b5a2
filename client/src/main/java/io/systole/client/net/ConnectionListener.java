// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import io.systole.client.heartbeat.FailureReason;
import io.systole.client.heartbeat.RequestType;
import io.systole.client.heartbeat.Session;

/**
 * What the connections tell whoever asks through them; all on the event loop. Requests may be sent
 * from {@link #cycleEnded}, {@link #opened} and {@link #resumed}, not from the others.
 */
public interface ConnectionListener {
  /** From now on requests go to this server; its first connection is told as opened next. */
  void connected(ServerAddress server);

  /**
   * Requests go to another server than before; told after {@link #connected}.
   *
   * @param from who was in use, or was tried in vain
   */
  void failedOver(ServerAddress from, ServerAddress to, String cause);

  /** A connection is ready for requests. */
  void opened(Connection connection);

  /** A connection could not be opened. */
  void notOpened();

  /** The server wanted to be left alone, and that time is over. */
  void resumed();

  /** The server in use takes beats, and wants no registration or cancel before this time. */
  void changesHeld(long untilNs);

  /**
   * The oldest request was answered.
   *
   * @param connection its {@link Connection#text()} is the beginning of the body until this returns
   */
  void answered(
      Connection connection,
      Session session,
      RequestType ask,
      int status,
      long dueNs,
      long sentNs,
      long answeredNs);

  /** A request will never be answered. */
  void failed(Session session, RequestType ask, FailureReason reason, long dueNs);

  /**
   * A request was not processed: its connection was closed in good order before its turn (RFC 9112
   * §9.6). It may be sent again.
   */
  void unprocessed(Session session, RequestType ask, long dueNs);

  /** All that was read has been told; there may be room again. */
  void cycleEnded(Connection connection, int bytesReceived);

  /**
   * A connection has ended, after all its requests were told as failed, or could not be opened.
   * What was in flight may have come back; other connections may have room for it.
   */
  void closed();
}
