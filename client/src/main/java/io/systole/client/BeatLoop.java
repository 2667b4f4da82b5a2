// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.systole.client.beat.Ask;
import io.systole.client.beat.BeatObserver;
import io.systole.client.beat.BeatWheel;
import io.systole.client.beat.Failure;
import io.systole.client.beat.Session;
import io.systole.client.net.Answers;
import io.systole.client.net.Connection;
import io.systole.client.net.ServerAddress;
import io.systole.client.net.Transport;
import io.systole.client.net.Uplink;
import io.systole.client.time.Clock;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One event loop's share of the client: what comes due, what comes back, and what follows. */
final class BeatLoop implements Answers, BeatWheel.Due {
  /*
   *   wheel --due--> outbox --> connection --answer--> session --step--> outbox, or the end
   *   begin, cancel ---^
   *
   * All state belongs to the loop's thread; other threads hand in tasks.
   */
  private static final Logger log = LoggerFactory.getLogger(BeatLoop.class);

  private static final long TICK_NS = TimeUnit.MILLISECONDS.toNanos(1);

  /** One revolution holds the usual interval of 30 s. */
  private static final int WHEEL_BUCKETS = 1 << 15;

  private final EventLoop loop;
  private final Clock clock;
  private final BeatObserver observer;
  private final Roster roster = new Roster();
  private final Outbox outbox;
  private final BeatWheel wheel;
  private final Uplink uplink;
  private final int intervalMs;

  private boolean isRefusing;
  private @Nullable ScheduledFuture<?> wakeUp;
  private long wakeUpNs = BeatWheel.NEVER;

  BeatLoop(
      EventLoop loop,
      Transport transport,
      ServerAddress server,
      ClientConfig config,
      int connections,
      Clock clock,
      BeatObserver observer,
      SplittableRandom seeds) {
    this.loop = loop;
    this.clock = clock;
    this.observer = observer;
    this.intervalMs = config.intervalMs();
    this.wheel = new BeatWheel(
        clock.monotonicNs(), TICK_NS, WHEEL_BUCKETS, config.jitterMs(), seeds.nextLong());
    this.uplink = new Uplink(
        loop, transport, server, config.lineSettings(), connections, clock, this, seeds.nextLong());
    this.outbox = new Outbox(server, config, clock, observer, roster, uplink.lines());
  }

  /** Opens its connections; before any other call. */
  void start() {
    loop.execute(uplink::open);
  }

  /** Takes a new session in and begins to register it; any thread. */
  void begin(Session session, long ownIntervalMs) {
    long interval = TimeUnit.MILLISECONDS.toNanos(intervalMs > 0 ? intervalMs : ownIntervalMs);
    loop.execute(() -> {
      roster.add(session);
      wheel.add(session, clock.monotonicNs(), interval);
      follow(session, session.begin());
      outbox.feedAll();
      setAlarm();
    });
  }

  /** Ends a session; any thread. */
  CompletableFuture<Void> cancel(Session session) {
    return CompletableFuture.runAsync(
            () -> {
              cancelHere(session);
              outbox.feedAll();
            },
            loop)
        .thenComposeAsync(done -> session.cancelled(), loop);
  }

  private void cancelHere(Session session) {
    boolean wasAlive = session.isAlive();
    boolean wasEnded = session.isEnded();
    Session.Step step = session.cancel();
    roster.count(wasAlive, session);
    if (!wasEnded) {
      follow(session, step);
    }
  }

  /** Ends all sessions; completes when none is left. Any thread. */
  CompletableFuture<Void> cancelAll() {
    var whenNoneLeft = new CompletableFuture<Void>();
    loop.execute(() -> {
      for (Session session : roster.all()) {
        cancelHere(session);
      }
      outbox.feedAll();
      roster.tellWhenEmpty(whenNoneLeft);
    });
    return whenNoneLeft;
  }

  /** Changes what decides when beats go out; any thread. */
  void pace(Pace next) {
    loop.execute(() -> {
      outbox.pace(next);
      outbox.feedAll();
    });
  }

  /** Takes stock; any thread. */
  CompletableFuture<ClientState> state() {
    return CompletableFuture.supplyAsync(this::stateHere, loop);
  }

  private ClientState stateHere() {
    return new ClientState(
        roster.size(),
        roster.alive(),
        outbox.beatsWaiting(),
        outbox.changesWaiting(),
        uplink.inFlight(),
        uplink.linesOpen(),
        uplink.lastLoss());
  }

  /** Closes its connections for good; any thread. */
  CompletableFuture<Void> close() {
    return CompletableFuture.runAsync(
        () -> {
          outbox.pace(Pace.REST);
          stop(wakeUp);
          outbox.clear();
          uplink.close();
          roster.all().forEach(Session::abandon);
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
    long nowNs = clock.monotonicNs();
    observer.woke(wakeUpNs, nowNs);
    wakeUpNs = BeatWheel.NEVER;
    wheel.turn(nowNs, this);
    outbox.feedAll();
    setAlarm();
  }

  private void setAlarm() {
    long nextNs = wheel.nextDueNs();
    boolean isSooner = wakeUpNs == BeatWheel.NEVER || nextNs - wakeUpNs < 0;
    if (nextNs != BeatWheel.NEVER && isSooner) {
      stop(wakeUp);
      wakeUpNs = nextNs;
      long waitNs = Math.max(0, nextNs - clock.monotonicNs());
      wakeUp = loop.schedule(this::wake, waitNs, TimeUnit.NANOSECONDS);
    }
  }

  @Override
  public void due(Session session, long dueNs, long missed) {
    if (session.isAlive() && outbox.pace() != Pace.INTERVAL) {
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

  // What comes back.

  @Override
  public void opened(Connection connection) {
    outbox.feed(connection);
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
        outbox.changeEnded();
        follow(session, session.cancelAnswered(status));
      }
    }
    roster.count(wasAlive, session);
  }

  private void registerAnswered(
      Connection connection, Session session, int status, long sentNs, long answeredNs) {
    outbox.changeEnded();
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
        outbox.changeEnded();
        observer.registrationFailed(reason);
        follow(session, session.registerFailed());
      }
      case CANCEL -> {
        outbox.changeEnded();
        follow(session, session.cancelFailed());
      }
    }
  }

  @Override
  public void cycleEnded(Connection connection, int bytesReceived) {
    observer.moved(0, bytesReceived);
    outbox.feed(connection);
    outbox.feedAll();
  }

  @Override
  public void closed() {
    loop.execute(outbox::feedAll);
  }

  // What becomes of a session.

  private void follow(Session session, Session.Step step) {
    switch (step) {
      case BEAT -> outbox.addBeat(session);
      case CHANGE -> outbox.addChange(session);
      case END -> roster.end(session);
      case NOTHING, SKIP -> {}
    }
  }
}
