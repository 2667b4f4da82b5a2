// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import io.systole.client.api.FailureReason;
import io.systole.client.api.HeartbeatListener;
import io.systole.client.heartbeat.HeartbeatFrame;
import io.systole.client.heartbeat.Session;
import io.systole.client.heartbeat.SessionAction;
import io.systole.client.net.Connection;
import io.systole.client.net.ConnectionSlot;
import io.systole.client.net.ServerAddress;
import io.systole.protocol.time.Clock;
import java.util.ArrayDeque;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The heartbeats that one event loop has to send, and their distribution over its connections. */
final class SendQueue {
  /*
   *   resends --+
   *   beats   --+--> one batch of requests --> a connection with space
   *   frames  --+
   *   changes --+
   *   (full speed: sessions alive, round robin)
   *
   * The heartbeat queues hold a session at most once, so they are bounded by the number of
   * instances. Heartbeats precede changes, since keeping a lease matters more than creating one.
   * But one request in sixteen is a change when both are pending, since a constant backlog of
   * heartbeats would otherwise prevent any registration. Unprocessed heartbeats precede all: even a
   * server that closes after each response processes the first request of a connection.
   *
   * Invariant: after each event no request is pending while a connection has space for it, except
   * changes over their own limits. So every event that adds space or requests calls feed.
   */
  private static final int BEATS_IN_ROW_MAX = 15;

  /** At full speed: enough to overlap their loads from memory, few enough for the L1 cache. */
  private static final int BATCH_MAX = 32;

  private final Clock clock;
  private final HeartbeatListener observer;
  private final SessionSet sessions;
  private final RegistrationQueue changes;
  private final int beatsPerWriteMax;

  private final HeartbeatWriter writer;
  private final ArrayDeque<Session> beats = new ArrayDeque<>();

  /**
   * Heartbeats whose own connection is full, by slot; used with a connection per instance only.
   * Bounded by the number of instances.
   */
  private final IdentityHashMap<Connection.Owner, ArrayDeque<Session>> parked =
      new IdentityHashMap<>();

  private final boolean hasConnectionPerInstance;
  private int assigned;
  private int parkedCount;

  /** Heartbeats that were sent and not processed. */
  private final ArrayDeque<Session> resends = new ArrayDeque<>();

  /** Used by {@link #sendAny} only. */
  private final Session[] batch = new Session[BATCH_MAX];

  private final FrameQueue frameQueue;
  private int beatsInRow;
  private final List<ConnectionSlot> slots;
  private SendMode sendMode = SendMode.INTERVAL;
  private int nextSlot;

  /** @param slots a live list of the slots of the server in use; empty while there is none */
  SendQueue(
      ServerAddress server,
      ClientConfig config,
      Clock clock,
      HeartbeatListener observer,
      SessionSet sessions,
      RegistrationQueue changes,
      List<ConnectionSlot> slots) {
    this.clock = clock;
    this.observer = observer;
    this.sessions = sessions;
    this.changes = changes;
    this.slots = slots;
    this.writer = new HeartbeatWriter(server, observer);
    this.hasConnectionPerInstance = config.hasConnectionPerInstance();
    this.beatsPerWriteMax = config.beatsPerWriteMax();
    this.frameQueue = new FrameQueue(config.bulkWindowMs(), clock, sessions);
  }

  /** Encodes requests for this server from now on. */
  void use(ServerAddress server) {
    writer.use(server);
    nextSlot = 0;
    // Their slots are no longer in use.
    parked.values().forEach(beats::addAll);
    parked.clear();
    parkedCount = 0;
  }

  /** Assigns a new session to the next connection in order. */
  void assign(Session session) {
    session.connectionIndex(assigned++ & Integer.MAX_VALUE);
  }

  SendMode pace() {
    return sendMode;
  }

  void pace(SendMode next) {
    sendMode = next;
  }

  int beatsWaiting() {
    return beats.size() + resends.size() + parkedCount + frameQueue.size();
  }

  /** Performs the next action of a session. */
  void perform(Session session, SessionAction action) {
    if (action == SessionAction.BEAT) {
      beats.add(session);
    } else {
      changes.perform(session, action);
    }
  }

  /** Queues a heartbeat that is due, which may wait for others and be sent with them. */
  void addDue(Session session) {
    if (!frameQueue.add(session)) {
      beats.add(session);
    }
  }

  /** Returns the time at which waiting heartbeats are to be sent, or the timer's NEVER. */
  long wakeNs() {
    return frameQueue.wakeNs();
  }

  /** Queues a heartbeat that was sent and not processed. */
  void addResend(Session session) {
    resends.add(session);
  }

  /** Removes all queued heartbeats. */
  void clear() {
    beats.clear();
    resends.clear();
    frameQueue.clear();
    parked.clear();
    parkedCount = 0;
  }

  /** Sends over all connections in order, until nothing is pending or none has space. */
  void feedAll() {
    if (hasConnectionPerInstance) {
      feedOwn();
    }
    int idleSlots = 0;
    while (idleSlots < slots.size() && hasWork()) {
      // The list may have shrunk.
      int slot = nextSlot < slots.size() ? nextSlot : 0;
      Connection connection = slots.get(slot).connection();
      nextSlot = slot + 1;
      boolean hasSent = connection != null && feed(connection, beatsPerWriteMax) > 0;
      idleSlots = hasSent ? 0 : idleSlots + 1;
    }
  }

  /**
   * Sends each new heartbeat over its session's own connection, or parks it for that connection.
   */
  private void feedOwn() {
    Session session;
    while (!slots.isEmpty() && (session = beats.poll()) != null) {
      ConnectionSlot slot = slots.get(session.connectionIndex() % slots.size());
      parked.computeIfAbsent(slot, none -> new ArrayDeque<>(1)).add(session);
      parkedCount++;
      Connection connection = slot.connection();
      if (connection != null) {
        feed(connection, beatsPerWriteMax);
      }
    }
  }

  private @Nullable Session nextParked(Connection connection) {
    ArrayDeque<Session> own = parked.get(connection.slot());
    Session session = own == null ? null : own.poll();
    parkedCount -= session == null ? 0 : 1;
    return session;
  }

  private boolean hasWork() {
    return !resends.isEmpty()
        || (!hasConnectionPerInstance && !beats.isEmpty())
        || (sendMode == SendMode.FULL_SPEED && sessions.alive() > 0)
        || frameQueue.isDue(clock.monotonicNs())
        || changes.mayStart(clock.monotonicNs());
  }

  /** Sends as much as one connection has space for, in one write. */
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
    writer.begin();
    try {
      while (sent < space && sendNext(connection, nowNs)) {
        sent++;
      }
      if (sendMode == SendMode.FULL_SPEED && sent < space) {
        sent += sendAny(connection, space - sent, nowNs);
      }
    } finally {
      // Requests counted as in flight must be sent even if encoding the next one failed.
      writer.end(connection);
    }
    return sent;
  }

  private boolean sendNext(Connection connection, long nowNs) {
    if (beatsInRow >= BEATS_IN_ROW_MAX && sendChange(connection, nowNs)) {
      return true;
    }
    if (frameQueue.isDue(nowNs) && connection.hasFrameSpace() && sendFrame(connection, nowNs)) {
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
    Session session = changes.next(writer.buffer(), nowNs);
    if (session != null) {
      connection.requested(session, session.inFlightChange(), nowNs, nowNs);
    }
    return session != null;
  }

  private boolean sendDue(Connection connection, Session session, long nowNs) {
    if (!session.isAlive()) {
      session.beatFailed();
      observer.failed(FailureReason.NOT_SENT, session.beatDueNs());
      return false;
    }
    writer.write(connection, session, session.beatDueNs(), nowNs);
    return true;
  }

  /**
   * Sends waiting heartbeats as a frame, and queues those that can't be in one to be sent one by
   * one. Returns whether a frame was sent.
   */
  private boolean sendFrame(Connection connection, long nowNs) {
    HeartbeatFrame frame = frameQueue.next(connection, nowNs, beats::add);
    if (frame != null) {
      writer.write(connection, frame, nowNs);
      beatsInRow++;
    }
    return frame != null;
  }

  /**
   * Sends heartbeats of the live sessions in round-robin order, whether due or not. Returns the
   * number of requests sent; a frame is one.
   */
  private int sendAny(Connection connection, int requestsMax, long nowNs) {
    int sent = 0;
    int last = 1;
    while (last > 0 && (connection.hasFrameSpace() || !connection.isFrameOffered())) {
      HeartbeatFrame frame = frameQueue.nextAlive(connection, nowNs);
      if (frame == null) {
        last = sessions.nextAlive(batch, Math.min(BATCH_MAX, requestsMax - sent));
        writer.writeAny(connection, batch, last, nowNs);
        sent += last;
      } else {
        writer.writeAny(connection, frame, nowNs);
        sent++;
      }
    }
    return sent;
  }
}
