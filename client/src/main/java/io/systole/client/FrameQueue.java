// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import io.systole.client.heartbeat.HeartbeatFrame;
import io.systole.client.heartbeat.HeartbeatTimerWheel;
import io.systole.client.heartbeat.Session;
import io.systole.client.net.Connection;
import io.systole.protocol.renewal.RenewalFrame;
import io.systole.protocol.time.Clock;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The heartbeats of one event loop that wait for a renewal frame. */
final class FrameQueue {
  /*
   *   due, with a handle --> waiting --after the window, or many--> a frame, or single requests
   *
   * A session waits at most once, so the queue is bounded by the number of instances. Whether a
   * frame may have a handle is decided when it is sent, since that depends on the connection.
   */

  /** Fewer heartbeats cost as much in a frame as one by one. */
  private static final int COUNT_MIN = 16;

  private final long windowNs;
  private final Clock clock;
  private final SessionSet allSessions;
  private final ArrayDeque<Session> waiting = new ArrayDeque<>();

  /** The end of the window; valid while any heartbeat waits. */
  private long dueNs;

  /** Used by {@link #next} only; allocated for the first frame. */
  private Session[] batch = {};

  /** @param windowMs the longest time that a heartbeat waits; 0 to use no frames */
  FrameQueue(int windowMs, Clock clock, SessionSet sessions) {
    this.windowNs = TimeUnit.MILLISECONDS.toNanos(windowMs);
    this.clock = clock;
    this.allSessions = sessions;
  }

  /** Adds a heartbeat that is due; returns false if it must be sent by itself. */
  boolean add(Session session) {
    if (windowNs == 0 || session.handle() == null) {
      return false;
    }
    if (waiting.isEmpty()) {
      dueNs = clock.monotonicNs() + windowNs;
    }
    waiting.add(session);
    return true;
  }

  int size() {
    return waiting.size();
  }

  void clear() {
    waiting.clear();
  }

  /** Returns whether heartbeats are to be sent now. */
  boolean isDue(long nowNs) {
    return !waiting.isEmpty()
        && (nowNs - dueNs >= 0 || waiting.size() >= RenewalFrame.RENEWALS_MAX);
  }

  /**
   * Returns when the waiting heartbeats become due, or {@link HeartbeatTimerWheel#NEVER} if there
   * are none, or if they are due already and only need a connection.
   */
  long wakeNs() {
    return waiting.isEmpty() || isDue(clock.monotonicNs()) ? HeartbeatTimerWheel.NEVER : dueNs;
  }

  /**
   * Returns a frame of heartbeats that are due, for a connection with space for it.
   *
   * @param single receives those that must be sent by themselves
   * @return null if there are not enough for a frame
   */
  @Nullable
  HeartbeatFrame next(Connection connection, long nowNs, Consumer<Session> single) {
    if (!connection.isFrameOffered()) {
      // One at a time: its response may offer frames for the others.
      single.accept(waiting.remove());
      return null;
    }
    int count = 0;
    int limit = Math.min(waiting.size(), RenewalFrame.RENEWALS_MAX);
    ensureBatch(limit);
    for (int i = 0; i < limit; i++) {
      Session session = waiting.remove();
      if (session.isAlive() && connection.accepts(session.handle())) {
        batch[count++] = session;
      } else {
        single.accept(session);
      }
    }
    if (count < COUNT_MIN) {
      for (int i = 0; i < count; i++) {
        single.accept(batch[i]);
      }
      return null;
    }
    return HeartbeatFrame.due(batch, count, nowNs);
  }

  /**
   * Returns a frame of heartbeats of live sessions, round robin, due or not; null if the next one
   * must be sent by itself, because it has no handle for this connection.
   */
  @Nullable
  HeartbeatFrame nextAlive(Connection connection, long nowNs) {
    int limit = Math.min(allSessions.alive(), RenewalFrame.RENEWALS_MAX);
    if (windowNs == 0 || limit < COUNT_MIN || !connection.isFrameOffered()) {
      return null;
    }
    ensureBatch(limit);
    int found =
        allSessions.fillAliveWhile(batch, limit, session -> connection.accepts(session.handle()));
    return found == 0 ? null : HeartbeatFrame.atFullSpeed(batch, found, nowNs);
  }

  private void ensureBatch(int size) {
    if (batch.length < size) {
      batch = new Session[Math.min(RenewalFrame.RENEWALS_MAX, Math.max(size, 2 * batch.length))];
    }
  }
}
