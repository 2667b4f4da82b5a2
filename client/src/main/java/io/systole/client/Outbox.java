// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import io.systole.client.beat.Ask;
import io.systole.client.beat.BeatFrame;
import io.systole.client.beat.BeatObserver;
import io.systole.client.beat.ChangeFrame;
import io.systole.client.beat.Failure;
import io.systole.client.beat.FrameBuffer;
import io.systole.client.beat.Session;
import io.systole.client.net.Connection;
import io.systole.client.net.Line;
import io.systole.client.net.ServerAddress;
import io.systole.client.time.Clock;
import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one event loop has to send, and over which connection it goes. */
final class Outbox {
  /*
   *   beats   --+
   *             +--> frames of one batch --> a connection with room
   *   changes --+
   *   (full speed: whoever lives, in turn)
   *
   * Both queues hold a session at most once, so they are bounded by the number of instances. Beats go
   * before changes: a lease that lives is worth more than one that is asked for. After every event,
   * nothing waits while a connection has room for it; so whoever makes room or work calls feed.
   */
  private final Clock clock;
  private final BeatObserver observer;
  private final Roster roster;
  private final BeatFrame beatFrame;
  private final ChangeFrame changeFrame;
  private final JsonCodec codec = new JsonCodec();
  private final int beatsPerWriteMax;
  private final int changesInFlightMax;

  private final FrameBuffer frames = new FrameBuffer();
  private final ArrayDeque<Session> beats = new ArrayDeque<>();
  private final ArrayDeque<Session> changes = new ArrayDeque<>();
  private final List<Line> lines;
  private Pace pace = Pace.INTERVAL;
  private int changesInFlight;
  private int nextLine;

  Outbox(
      ServerAddress server,
      ClientConfig config,
      Clock clock,
      BeatObserver observer,
      Roster roster,
      List<Line> lines) {
    this.clock = clock;
    this.observer = observer;
    this.roster = roster;
    this.lines = lines;
    this.beatFrame = new BeatFrame(server.basePath(), server.headers());
    this.changeFrame = new ChangeFrame(server.basePath(), server.headers());
    this.beatsPerWriteMax = config.beatsPerWriteMax();
    this.changesInFlightMax = config.changesInFlightMax() / config.loops();
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

  int changesWaiting() {
    return changes.size();
  }

  void addBeat(Session session) {
    beats.add(session);
  }

  void addChange(Session session) {
    changes.add(session);
  }

  /** A registration or cancel has been answered, or has failed. */
  void changeEnded() {
    changesInFlight--;
  }

  /** Drops all that waits. */
  void clear() {
    beats.clear();
    changes.clear();
  }

  /** Sends what waits, over all connections in turn, until nothing waits or none has room. */
  void feedAll() {
    int passed = 0;
    while (passed < lines.size() && hasWork()) {
      Connection connection = lines.get(nextLine).connection();
      nextLine = nextLine + 1 == lines.size() ? 0 : nextLine + 1;
      boolean hasSent = connection != null && feed(connection, beatsPerWriteMax) > 0;
      passed = hasSent ? 0 : passed + 1;
    }
  }

  private boolean hasWork() {
    return !beats.isEmpty()
        || (!changes.isEmpty() && changesInFlight < changesInFlightMax)
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
    while (changesInFlight < changesInFlightMax && (session = changes.poll()) != null) {
      if (sendChange(connection, session, nowNs)) {
        return true;
      }
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

  private boolean sendChange(Connection connection, Session session, long nowNs) {
    Ask ask = session.nextChange();
    if (ask == null) {
      return false;
    }
    if (ask == Ask.CANCEL) {
      changeFrame.writeCancel(session, frames);
    } else if (!writeRegister(session)) {
      return false;
    }
    connection.asked(session, ask, nowNs, nowNs);
    changesInFlight++;
    return true;
  }

  private boolean writeRegister(Session session) {
    byte @Nullable [] document = document(session);
    if (document == null) {
      return false;
    }
    changeFrame.writeRegister(session, document, frames);
    return true;
  }

  /** The document comes from the caller, and so does its failure. */
  private byte @Nullable [] document(Session session) {
    try {
      return codec.encodeInstance(session.register(clock.wallMs()), Form.FULL);
    } catch (RuntimeException e) {
      session.registered().completeExceptionally(e);
      session.registerImpossible();
      roster.end(session);
      return null;
    }
  }
}
