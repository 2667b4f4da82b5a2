// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import io.systole.client.api.FailureReason;
import io.systole.client.api.HeartbeatListener;
import io.systole.client.heartbeat.HeartbeatFrame;
import io.systole.client.heartbeat.Session;
import io.systole.client.heartbeat.SessionAction;
import io.systole.client.net.Connection;
import io.systole.protocol.renewal.MalformedRenewalsException;
import java.util.BitSet;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The outcomes of renewal frames, for the sessions in them. */
final class FrameResponses {
  /*
   * If a frame did not renew a lease, its session drops the handle and sends a single heartbeat,
   * which requests a new handle and whose response decides. At full speed, it sends that heartbeat
   * only when one is due.
   *
   * A refusal of a frame for load is that of each of its heartbeats. Sent one by one, they would be
   * many times the load.
   */
  private static final Logger log = LoggerFactory.getLogger(FrameResponses.class);

  private static final int OK = 200;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int UNAVAILABLE = 503;

  private final HeartbeatListener observer;
  private final SendQueue sendQueue;

  FrameResponses(HeartbeatListener observer, SendQueue sendQueue) {
    this.observer = observer;
    this.sendQueue = sendQueue;
  }

  /** Returns whether a response with this status refuses a heartbeat or a frame for load. */
  static boolean isRefusalForLoad(int status) {
    return status == UNAVAILABLE || status == TOO_MANY_REQUESTS;
  }

  /**
   * Handles the refusal of a frame for load, after which frames remain in use.
   *
   * @param mustRetry returns whether the heartbeat of a session is to be sent again
   */
  void refusedForLoad(
      HeartbeatFrame frame,
      int status,
      long sentNs,
      long answeredNs,
      Predicate<Session> mustRetry) {
    for (int index = 0; index < frame.count(); index++) {
      Session session = frame.session(index);
      observer.answered(status, frame.dueNs(index), sentNs, answeredNs);
      sendQueue.perform(session, session.beatAnswered(status, answeredNs));
      if (mustRetry.test(session)) {
        sendQueue.addDue(session);
      }
    }
  }

  /** Handles any other response to a frame. */
  void answered(
      Connection connection,
      HeartbeatFrame frame,
      int status,
      byte[] body,
      long sentNs,
      long answeredNs) {
    BitSet refused = refused(connection, frame, status, body, answeredNs);
    for (int index = 0; index < frame.count(); index++) {
      Session session = frame.session(index);
      long dueNs = frame.dueNs(index);
      if (refused.get(index)) {
        session.handle(null);
        sendAlone(frame, session, dueNs, answeredNs);
      } else {
        observer.answered(OK, dueNs, sentNs, answeredNs);
        sendQueue.perform(session, session.beatAnswered(OK, answeredNs));
      }
    }
  }

  /** Returns the indices of the sessions whose leases were not renewed. */
  private static BitSet refused(
      Connection connection, HeartbeatFrame frame, int status, byte[] body, long nowNs) {
    String reason = "status " + status;
    if (status == OK) {
      try {
        BitSet refused = frame.refused(body);
        connection.frameAccepted();
        return refused;
      } catch (MalformedRenewalsException malformed) {
        reason = malformed.getMessage();
      }
    }
    log.debug("renewal frame refused: {}", reason);
    connection.frameRefused(nowNs);
    BitSet all = new BitSet();
    all.set(0, frame.count());
    return all;
  }

  private void sendAlone(HeartbeatFrame frame, Session session, long dueNs, long nowNs) {
    if (!frame.isAtFullSpeed() || session.due(nowNs) == SessionAction.BEAT) {
      sendQueue.perform(session, SessionAction.BEAT);
    } else {
      observer.failed(FailureReason.NOT_SENT, dueNs);
    }
  }
}
