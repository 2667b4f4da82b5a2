// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import io.systole.client.heartbeat.FailureReason;
import io.systole.client.heartbeat.FrameBuffer;
import io.systole.client.heartbeat.HeartbeatEncoder;
import io.systole.client.heartbeat.HeartbeatListener;
import io.systole.client.heartbeat.RequestType;
import io.systole.client.heartbeat.Session;
import io.systole.client.net.Connection;
import io.systole.client.net.ConnectionSlot;
import io.systole.client.net.ServerAddress;
import io.systole.client.time.Clock;
import java.util.ArrayDeque;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one event loop has to send, and over which connection it goes. */
final class SendQueue {
  /*
   *   resends --+
   *   beats   --+--> frames of one batch --> a connection with room
   *   changes --+
   *   (full speed: whoever lives, in turn)
   *
   * The queues of beats hold a session at most once, so they are bounded by the number of instances.
   * Beats go before changes: a lease that lives is worth more than one that is asked for. But one
   * request in sixteen is a change when both wait, or beats that always wait would keep new
   * instances out for ever. Beats that were not processed go first: the first request on a new
   * connection is processed even by a server that closes after each response. After every event, nothing waits while a connection has room for it, but for changes over their own bounds;
   * so whoever makes room or work calls feed.
   */
  private static final int BEATS_IN_ROW_MAX = 15;

  /** At full speed: enough to overlap their loads from memory, and few for the nearest cache. */
  private static final int TURN_MAX = 32;

  private final Clock clock;
  private final HeartbeatListener observer;
  private final SessionSet sessions;
  private final RegistrationQueue changes;
  private final int beatsPerWriteMax;

  private final FrameBuffer frames = new FrameBuffer();
  private HeartbeatEncoder beatFrame;
  private final ArrayDeque<Session> beats = new ArrayDeque<>();

  /**
   * Beats whose own connection has no room, by its line; used with a connection per instance only.
   * Bounded by the number of instances, as the other queues are.
   */
  private final IdentityHashMap<ConnectionSlot, ArrayDeque<Session>> parked =
      new IdentityHashMap<>();

  private final boolean hasConnectionPerInstance;
  private int assigned;
  private int parkedCount;

  /** Beats that were sent and not processed. */
  private final ArrayDeque<Session> resends = new ArrayDeque<>();

  /** Those whose turn it is at full speed; only {@link #sendAny} uses it. */
  private final Session[] turn = new Session[TURN_MAX];

  private int beatsInRow;
  private final List<ConnectionSlot> lines;
  private SendMode sendMode = SendMode.INTERVAL;
  private int nextSlot;

  /** @param lines to the server in use, whichever that is; empty while there is none */
  SendQueue(
      ServerAddress server,
      ClientConfig config,
      Clock clock,
      HeartbeatListener observer,
      SessionSet sessions,
      RegistrationQueue changes,
      List<ConnectionSlot> lines) {
    this.clock = clock;
    this.observer = observer;
    this.sessions = sessions;
    this.changes = changes;
    this.lines = lines;
    this.beatFrame = new HeartbeatEncoder(server.basePath(), server.headers());
    this.hasConnectionPerInstance = config.hasConnectionPerInstance();
    this.beatsPerWriteMax = config.beatsPerWriteMax();
  }

  /** Requests go to this server from now on. */
  void use(ServerAddress server) {
    beatFrame = new HeartbeatEncoder(server.basePath(), server.headers());
    nextSlot = 0;
    // The lines that they waited for are no longer in use.
    parked.values().forEach(beats::addAll);
    parked.clear();
    parkedCount = 0;
  }

  /** Gives a new session the next connection in turn. */
  void assign(Session session) {
    session.connectionIndex = assigned++ & Integer.MAX_VALUE;
  }

  SendMode pace() {
    return sendMode;
  }

  void pace(SendMode next) {
    sendMode = next;
  }

  int beatsWaiting() {
    return beats.size() + resends.size() + parkedCount;
  }

  void addBeat(Session session) {
    beats.add(session);
  }

  /** Queues a beat that was sent and not processed. */
  void addResend(Session session) {
    resends.add(session);
  }

  /** Drops the beats that wait. */
  void clear() {
    beats.clear();
    resends.clear();
    parked.clear();
    parkedCount = 0;
  }

  /** Sends what waits, over all connections in turn, until nothing waits or none has room. */
  void feedAll() {
    if (hasConnectionPerInstance) {
      feedOwn();
    }
    int passed = 0;
    while (passed < lines.size() && hasWork()) {
      // There may be fewer lines than before.
      int slot = nextSlot < lines.size() ? nextSlot : 0;
      Connection connection = lines.get(slot).connection();
      nextSlot = slot + 1;
      boolean hasSent = connection != null && feed(connection, beatsPerWriteMax) > 0;
      passed = hasSent ? 0 : passed + 1;
    }
  }

  /** Sends each new beat over its session's own connection, or parks it there. */
  private void feedOwn() {
    Session session;
    while (!lines.isEmpty() && (session = beats.poll()) != null) {
      ConnectionSlot slot = lines.get(session.connectionIndex % lines.size());
      parked.computeIfAbsent(slot, none -> new ArrayDeque<>(1)).add(session);
      parkedCount++;
      Connection connection = slot.connection();
      if (connection != null) {
        feed(connection, beatsPerWriteMax);
      }
    }
  }

  private @Nullable Session nextParked(Connection connection) {
    ArrayDeque<Session> own = parked.get(connection.line());
    Session session = own == null ? null : own.poll();
    parkedCount -= session == null ? 0 : 1;
    return session;
  }

  private boolean hasWork() {
    boolean hasBeats = hasConnectionPerInstance ? !resends.isEmpty() : beatsWaiting() > 0;
    return hasBeats
        || (sendMode == SendMode.FULL_SPEED && sessions.alive() > 0)
        || changes.mayStart(clock.monotonicNs());
  }

  /** Sends what waits over one connection that has just got room, in one write. */
  void feed(Connection connection) {
    feed(connection, Integer.MAX_VALUE);
  }

  private int feed(Connection connection, int requestsMax) {
    int space = Math.min(connection.space(), requestsMax);
    if (space == 0) {
      return 0;
    }
    long nowNs = clock.monotonicNs();
    int sent = 0;
    frames.clear();
    try {
      while (sent < space && sendNext(connection, nowNs)) {
        sent++;
      }
      if (sendMode == SendMode.FULL_SPEED) {
        sent += sendAny(connection, space - sent, nowNs);
      }
    } finally {
      // What counts as in flight must leave, even when the next frame could not be made.
      if (frames.length() > 0) {
        connection.write(frames);
        observer.moved(frames.length(), 0);
      }
    }
    return sent;
  }

  private boolean sendNext(Connection connection, long nowNs) {
    if (beatsInRow >= BEATS_IN_ROW_MAX && sendChange(connection, nowNs)) {
      return true;
    }
    Session session;
    while ((session = nextBeat(connection)) != null) {
      if (sendDue(connection, session, nowNs)) {
        beatsInRow++;
        return true;
      }
    }
    return sendChange(connection, nowNs);
  }

  private @Nullable Session nextBeat(Connection connection) {
    Session session = resends.poll();
    if (session != null) {
      return session;
    }
    return hasConnectionPerInstance ? nextParked(connection) : beats.poll();
  }

  private boolean sendChange(Connection connection, long nowNs) {
    beatsInRow = 0;
    Session session = changes.next(frames, nowNs);
    if (session != null) {
      connection.requested(session, session.underWay(), nowNs, nowNs);
    }
    return session != null;
  }

  private boolean sendDue(Connection connection, Session session, long nowNs) {
    if (!session.isAlive()) {
      session.beatFailed();
      observer.failed(FailureReason.NOT_SENT, session.beatDueNs());
      return false;
    }
    beatFrame.write(session, frames);
    connection.requested(session, RequestType.BEAT, session.beatDueNs(), nowNs);
    return true;
  }

  /** Sends the beats of living sessions in turn, due or not; returns how many. */
  private int sendAny(Connection connection, int beatsMax, long nowNs) {
    int sent = 0;
    int count;
    while ((count = sessions.nextAlive(turn, Math.min(TURN_MAX, beatsMax - sent))) > 0) {
      beatFrame.write(turn, count, frames);
      for (int each = 0; each < count; each++) {
        observer.due(nowNs);
        connection.requested(turn[each], RequestType.BEAT, nowNs, nowNs);
      }
      sent += count;
    }
    return sent;
  }
}
