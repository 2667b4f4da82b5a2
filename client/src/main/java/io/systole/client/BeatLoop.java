// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.systole.client.beat.Ask;
import io.systole.client.beat.BeatFrame;
import io.systole.client.beat.BeatObserver;
import io.systole.client.beat.BeatWheel;
import io.systole.client.beat.ChangeFrame;
import io.systole.client.beat.Failure;
import io.systole.client.beat.FrameBuffer;
import io.systole.client.beat.Session;
import io.systole.client.net.Answers;
import io.systole.client.net.Connection;
import io.systole.client.net.Line;
import io.systole.client.net.Transport;
import io.systole.client.time.Clock;
import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One event loop's share of the client: its instances, its connections, and what is due. */
final class BeatLoop implements Answers, BeatWheel.Due {
  /*
   *   wheel --due--> beats   --+
   *                            +--> a connection with room --answer--> session --change--> changes
   *   begin, cancel, 404 --> changes
   *
   * All state belongs to the loop's thread; other threads hand in tasks.
   *
   * Both queues hold a session at most once, so they are bounded by the number of instances. Beats go
   * before changes: a lease that lives is worth more than one that is asked for. After every event,
   * nothing waits while a connection has room for it; so whoever makes room or work calls feed.
   */
  private static final Logger log = LoggerFactory.getLogger(BeatLoop.class);

  private static final long TICK_NS = TimeUnit.MILLISECONDS.toNanos(1);

  /** One revolution holds the usual interval of 30 s. */
  private static final int WHEEL_BUCKETS = 1 << 15;

  /** Time-outs are looked for this often within one time-out. */
  private static final int LOOKS_PER_TIMEOUT = 8;

  private final EventLoop loop;
  private final Clock clock;
  private final BeatObserver observer;
  private final BeatFrame beatFrame;
  private final ChangeFrame changeFrame;
  private final JsonCodec codec = new JsonCodec();
  private final int intervalMs;
  private final int beatsPerWriteMax;
  private final int changesInFlightMax;
  private final int answerTimeoutMs;

  private final BeatWheel wheel;
  private final FrameBuffer frames = new FrameBuffer();
  private final ArrayDeque<Session> beats = new ArrayDeque<>();
  private final ArrayDeque<Session> changes = new ArrayDeque<>();
  private final List<Session> sessions = new ArrayList<>();
  private final List<Line> lines = new ArrayList<>();
  private final List<CompletableFuture<Void>> whenEmpty = new ArrayList<>();

  private Pace pace = Pace.INTERVAL;
  private int alive;
  private int changesInFlight;
  private int nextLine;
  private int nextSession;
  private int linesOpen;

  /** It has answered since it was last lost; merely accepting connections does not count. */
  private boolean isReached;

  private boolean isRefusing;
  private String lastLoss = "";
  private @Nullable ScheduledFuture<?> wakeUp;
  private long wakeUpNs = BeatWheel.NEVER;
  private @Nullable ScheduledFuture<?> timeouts;

  BeatLoop(
      EventLoop loop,
      ServerAddress server,
      ClientConfig config,
      Clock clock,
      BeatObserver observer,
      long seed) {
    this.loop = loop;
    this.clock = clock;
    this.observer = observer;
    this.beatFrame = new BeatFrame(server.basePath(), server.headers());
    this.changeFrame = new ChangeFrame(server.basePath(), server.headers());
    this.intervalMs = config.intervalMs();
    this.beatsPerWriteMax = config.beatsPerWriteMax();
    this.changesInFlightMax = config.changesInFlightMax() / config.loops();
    this.answerTimeoutMs = config.answerTimeoutMs();
    this.wheel =
        new BeatWheel(clock.monotonicNs(), TICK_NS, WHEEL_BUCKETS, config.jitterMs(), seed);
  }

  /** Opens its connections; before any other call. */
  void start(Transport transport, ServerAddress server, ClientConfig config, int count, long seed) {
    var settings = config.lineSettings();
    byte[] scratch = Line.scratch(settings);
    var random = new SplittableRandom(seed);
    for (int index = 0; index < count; index++) {
      lines.add(
          new Line(loop, transport, server.unresolved(), settings, clock, this, scratch, random));
    }
    long everyMs = Math.max(1, answerTimeoutMs / LOOKS_PER_TIMEOUT);
    loop.execute(() -> {
      lines.forEach(Line::open);
      timeouts = loop.scheduleAtFixedRate(this::expire, everyMs, everyMs, TimeUnit.MILLISECONDS);
    });
  }

  /** Takes a new session in and begins to register it; any thread. */
  void begin(Session session, long ownIntervalMs) {
    long interval = TimeUnit.MILLISECONDS.toNanos(intervalMs > 0 ? intervalMs : ownIntervalMs);
    loop.execute(() -> {
      session.index(sessions.size());
      sessions.add(session);
      wheel.add(session, clock.monotonicNs(), interval);
      follow(session, session.begin());
      feedAll();
      setAlarm();
    });
  }

  /** Ends a session; any thread. */
  CompletableFuture<Void> cancel(Session session) {
    return CompletableFuture.runAsync(
            () -> {
              cancelHere(session);
              feedAll();
            },
            loop)
        .thenComposeAsync(done -> session.cancelled(), loop);
  }

  private void cancelHere(Session session) {
    boolean wasAlive = session.isAlive();
    boolean wasEnded = session.isEnded();
    Session.Step step = session.cancel();
    countAlive(wasAlive, session);
    if (!wasEnded) {
      follow(session, step);
    }
  }

  /** Ends all sessions; completes when none is left. Any thread. */
  CompletableFuture<Void> cancelAll() {
    var whenNoneLeft = new CompletableFuture<Void>();
    loop.execute(() -> {
      whenEmpty.add(whenNoneLeft);
      for (Session session : List.copyOf(sessions)) {
        cancelHere(session);
      }
      feedAll();
      tellWhenEmpty();
    });
    return whenNoneLeft;
  }

  /** Changes what decides when beats go out; any thread. */
  void pace(Pace next) {
    loop.execute(() -> {
      pace = next;
      feedAll();
    });
  }

  /** Takes stock; any thread. */
  CompletableFuture<ClientState> state() {
    return CompletableFuture.supplyAsync(this::stateHere, loop);
  }

  private ClientState stateHere() {
    int inFlight = 0;
    for (Line line : lines) {
      Connection connection = line.connection();
      inFlight += connection == null ? 0 : connection.inFlight();
    }
    return new ClientState(
        sessions.size(), alive, beats.size(), changes.size(), inFlight, linesOpen, lastLoss);
  }

  /** Closes its connections for good; any thread. */
  CompletableFuture<Void> close() {
    return CompletableFuture.runAsync(
        () -> {
          isReached = false;
          pace = Pace.REST;
          stop(wakeUp);
          stop(timeouts);
          beats.clear();
          changes.clear();
          lines.forEach(Line::close);
          sessions.forEach(session -> session.registered().cancel(false));
        },
        loop);
  }

  private static void stop(@Nullable ScheduledFuture<?> timer) {
    if (timer != null) {
      timer.cancel(false);
    }
  }

  // What comes due.

  private void wake() {
    wakeUpNs = BeatWheel.NEVER;
    wheel.turn(clock.monotonicNs(), this);
    feedAll();
    setAlarm();
  }

  private void setAlarm() {
    long nextNs = wheel.nextDueNs();
    if (nextNs < wakeUpNs) {
      stop(wakeUp);
      wakeUpNs = nextNs;
      long waitNs = Math.max(0, nextNs - clock.monotonicNs());
      wakeUp = loop.schedule(this::wake, waitNs, TimeUnit.NANOSECONDS);
    }
  }

  @Override
  public void due(Session session, long dueNs, long missed) {
    if (session.isAlive() && pace != Pace.INTERVAL) {
      return;
    }
    Session.Step step = session.due(dueNs);
    if (step == Session.Step.BEAT || step == Session.Step.SKIP) {
      observer.due(dueNs);
      for (long skipped = 0; skipped < missed; skipped++) {
        observer.due(dueNs);
        observer.failed(Failure.NOT_SENT, dueNs);
      }
      if (step == Session.Step.SKIP) {
        observer.failed(Failure.NOT_SENT, dueNs);
      }
    }
    follow(session, step);
  }

  private void expire() {
    long nowNs = clock.monotonicNs();
    for (Line line : lines) {
      line.expire(nowNs);
    }
    feedAll();
  }

  // What goes out.

  /** Sends what waits, over all connections in turn, until nothing waits or none has room. */
  private void feedAll() {
    int fed = 0;
    while (fed < lines.size() && hasWork()) {
      Connection connection = lines.get(nextLine).connection();
      nextLine = nextLine + 1 == lines.size() ? 0 : nextLine + 1;
      boolean hasSent = connection != null && feed(connection, beatsPerWriteMax) > 0;
      fed = hasSent ? 0 : fed + 1;
    }
  }

  private boolean hasWork() {
    return !beats.isEmpty()
        || (!changes.isEmpty() && changesInFlight < changesInFlightMax)
        || (pace == Pace.FULL_SPEED && alive > 0);
  }

  /** Sends what waits over one connection, in one write; returns how many requests that were. */
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
      if (session.isAlive()) {
        connection.asked(session, Ask.BEAT, session.beatDueNs(), nowNs);
        beatFrame.write(session, frames);
        return true;
      }
      session.beatFailed();
      observer.failed(Failure.NOT_SENT, session.beatDueNs());
    }
    while (changesInFlight < changesInFlightMax && (session = changes.poll()) != null) {
      if (sendChange(connection, session, nowNs)) {
        return true;
      }
    }
    return pace == Pace.FULL_SPEED && sendAny(connection, nowNs);
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
    try {
      byte[] document = codec.encodeInstance(session.register(clock.wallMs()), Form.FULL);
      changeFrame.writeRegister(session, document, frames);
      return true;
    } catch (RuntimeException e) {
      // The document comes from the caller, and so does its failure.
      session.registered().completeExceptionally(e);
      follow(session, session.registerImpossible());
      return false;
    }
  }

  /** Sends the beat of the next living session in turn, due or not. */
  private boolean sendAny(Connection connection, long nowNs) {
    if (alive == 0) {
      return false;
    }
    Session session;
    do {
      nextSession = nextSession + 1 >= sessions.size() ? 0 : nextSession + 1;
      session = sessions.get(nextSession);
    } while (!session.isAlive());
    observer.due(nowNs);
    connection.asked(session, Ask.BEAT, nowNs, nowNs);
    beatFrame.write(session, frames);
    return true;
  }

  // What comes back.

  @Override
  public void opened(Connection connection) {
    linesOpen++;
    feed(connection, Integer.MAX_VALUE);
  }

  @Override
  public void answered(
      Connection connection,
      Session session,
      Ask ask,
      int status,
      long dueNs,
      long sentNs,
      long answeredNs) {
    boolean wasAlive = session.isAlive();
    switch (ask) {
      case BEAT -> {
        observer.answered(status, dueNs, sentNs, answeredNs);
        follow(session, session.beatAnswered(status));
      }
      case REGISTER -> registerAnswered(connection, session, status, sentNs, answeredNs);
      case CANCEL -> {
        changesInFlight--;
        follow(session, session.cancelAnswered(status));
      }
    }
    countAlive(wasAlive, session);
  }

  private void registerAnswered(
      Connection connection, Session session, int status, long sentNs, long answeredNs) {
    changesInFlight--;
    Session.Step step = session.registerAnswered(status);
    if (Session.isAcceptance(status)) {
      isRefusing = false;
      observer.registered(status, sentNs, answeredNs);
      session.registered().complete(null);
    } else {
      refused(session, status, connection.text(), step == Session.Step.END);
    }
    follow(session, step);
  }

  private void refused(Session session, int status, String text, boolean isFinal) {
    observer.registrationRefused(status, text);
    if (!isRefusing) {
      isRefusing = true;
      log.warn("server refuses registration status={} text={}", status, text);
    }
    if (isFinal) {
      session.registered().completeExceptionally(new RegistrationRefused(status, text));
    }
  }

  @Override
  public void failed(Session session, Ask ask, Failure reason, long dueNs) {
    switch (ask) {
      case BEAT -> {
        session.beatFailed();
        observer.failed(reason, dueNs);
      }
      case REGISTER -> {
        changesInFlight--;
        observer.registrationFailed(reason);
        follow(session, session.registerFailed());
      }
      case CANCEL -> {
        changesInFlight--;
        follow(session, session.cancelFailed());
      }
    }
  }

  @Override
  public void cycleEnded(Connection connection, int bytesReceived) {
    observer.moved(0, bytesReceived);
    if (!isReached) {
      isReached = true;
      log.info("server answers connections={}", linesOpen);
    }
    feed(connection, Integer.MAX_VALUE);
    feedAll();
  }

  @Override
  public void closed(String cause, boolean wasOpen) {
    lastLoss = cause;
    linesOpen -= wasOpen ? 1 : 0;
    // What was in flight may have come back to the queues; the other connections may have room.
    loop.execute(this::feedAll);
    if (linesOpen == 0 && isReached) {
      isReached = false;
      log.warn("server lost, all connections ended cause={}", cause);
    } else {
      log.debug("connection lost open={} cause={}", linesOpen, cause);
    }
  }

  // What becomes of a session.

  private void follow(Session session, Session.Step step) {
    switch (step) {
      case BEAT -> beats.add(session);
      case CHANGE -> changes.add(session);
      case END -> end(session);
      case NOTHING, SKIP -> {}
    }
  }

  private void end(Session session) {
    Session last = sessions.remove(sessions.size() - 1);
    if (last != session) {
      sessions.set(session.index(), last);
      last.index(session.index());
    }
    session.tellEnd();
    tellWhenEmpty();
  }

  private void tellWhenEmpty() {
    if (sessions.isEmpty()) {
      whenEmpty.forEach(future -> future.complete(null));
      whenEmpty.clear();
    }
  }

  private void countAlive(boolean wasAlive, Session session) {
    if (wasAlive != session.isAlive()) {
      alive += wasAlive ? -1 : 1;
    }
  }
}
