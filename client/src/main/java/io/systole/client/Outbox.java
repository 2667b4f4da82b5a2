// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import io.systole.client.beat.Ask;
import io.systole.client.beat.BeatFrame;
import io.systole.client.beat.BeatObserver;
import io.systole.client.beat.Failure;
import io.systole.client.beat.FrameBuffer;
import io.systole.client.beat.Session;
import io.systole.client.net.Connection;
import io.systole.client.net.Line;
import io.systole.client.net.ServerAddress;
import io.systole.client.time.Clock;
import java.util.ArrayDeque;
import java.util.List;

/** What one event loop has to send, and over which connection it goes. */
final class Outbox {
  /*
   *   beats   --+
   *             +--> frames of one batch --> a connection with room
   *   changes --+
   *   (full speed: whoever lives, in turn)
   *
   * The queue of beats holds a session at most once, so it is bounded by the number of instances.
   * Beats go before changes: a lease that lives is worth more than one that is asked for. After every
   * event, nothing waits while a connection has room for it, but for changes over their own bounds;
   * so whoever makes room or work calls feed.
   */
  private final Clock clock;
  private final BeatObserver observer;
  private final Roster roster;
  private final Changes changes;
  private final int beatsPerWriteMax;

  private final FrameBuffer frames = new FrameBuffer();
  private BeatFrame beatFrame;
  private final ArrayDeque<Session> beats = new ArrayDeque<>();
  private final List<Line> lines;
  private Pace pace = Pace.INTERVAL;
  private int nextLine;

  /** @param lines to the server in use, whichever that is; empty while there is none */
  Outbox(
      ServerAddress server,
      ClientConfig config,
      Clock clock,
      BeatObserver observer,
      Roster roster,
      Changes changes,
      List<Line> lines) {
    this.clock = clock;
    this.observer = observer;
    this.roster = roster;
    this.changes = changes;
    this.lines = lines;
    this.beatFrame = new BeatFrame(server.basePath(), server.headers());
    this.beatsPerWriteMax = config.beatsPerWriteMax();
  }

  /** Requests go to this server from now on. */
  void use(ServerAddress server) {
    beatFrame = new BeatFrame(server.basePath(), server.headers());
    nextLine = 0;
  }

  Pace pace() {
    return pace;
  }

  void pace(Pace next) {
    pace = next;
  }

  int beatsWaiting() {
    return beats.size();
  }

  void addBeat(Session session) {
    beats.add(session);
  }

  /** Drops the beats that wait. */
  void clear() {
    beats.clear();
  }

  /** Sends what waits, over all connections in turn, until nothing waits or none has room. */
  void feedAll() {
    int passed = 0;
    while (passed < lines.size() && hasWork()) {
      // There may be fewer lines than before.
      int line = nextLine < lines.size() ? nextLine : 0;
      Connection connection = lines.get(line).connection();
      nextLine = line + 1;
      boolean hasSent = connection != null && feed(connection, beatsPerWriteMax) > 0;
      passed = hasSent ? 0 : passed + 1;
    }
  }

  private boolean hasWork() {
    return !beats.isEmpty()
        || changes.mayStart(clock.monotonicNs())
        || (pace == Pace.FULL_SPEED && roster.alive() > 0);
  }

  /** Sends what waits over one connection that has just got room, in one write. */
  void feed(Connection connection) {
    feed(connection, Integer.MAX_VALUE);
  }

  private int feed(Connection connection, int requestsMax) {
    int room = Math.min(connection.room(), requestsMax);
    if (room == 0) {
      return 0;
    }
    long nowNs = clock.monotonicNs();
    int sent = 0;
    frames.clear();
    while (sent < room && sendNext(connection, nowNs)) {
      sent++;
    }
    if (sent > 0) {
      connection.write(frames);
      observer.moved(frames.length(), 0);
    }
    return sent;
  }

  private boolean sendNext(Connection connection, long nowNs) {
    Session session;
    while ((session = beats.poll()) != null) {
      if (sendDue(connection, session, nowNs)) {
        return true;
      }
    }
    session = changes.next(frames, nowNs);
    if (session != null) {
      connection.asked(session, session.underWay(), nowNs, nowNs);
      return true;
    }
    return pace == Pace.FULL_SPEED && sendAny(connection, nowNs);
  }

  private boolean sendDue(Connection connection, Session session, long nowNs) {
    if (!session.isAlive()) {
      session.beatFailed();
      observer.failed(Failure.NOT_SENT, session.beatDueNs());
      return false;
    }
    connection.asked(session, Ask.BEAT, session.beatDueNs(), nowNs);
    beatFrame.write(session, frames);
    return true;
  }

  /** Sends the beat of the next living session in turn, due or not. */
  private boolean sendAny(Connection connection, long nowNs) {
    Session session = roster.nextAlive();
    if (session == null) {
      return false;
    }
    observer.due(nowNs);
    connection.asked(session, Ask.BEAT, nowNs, nowNs);
    beatFrame.write(session, frames);
    return true;
  }
}
