// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.systole.client.heartbeat.CallbackFailures;
import io.systole.client.heartbeat.CallbackFailures.CallbackKind;
import io.systole.client.heartbeat.FailureReason;
import io.systole.client.heartbeat.GuardedHeartbeatListener;
import io.systole.client.heartbeat.GuardedListener;
import io.systole.client.heartbeat.HeartbeatListener;
import io.systole.client.heartbeat.HeartbeatTimerWheel;
import io.systole.client.heartbeat.InstanceSupplier;
import io.systole.client.heartbeat.RegistrationEncoder;
import io.systole.client.heartbeat.RegistrationEvent;
import io.systole.client.heartbeat.RequestType;
import io.systole.client.heartbeat.Session;
import io.systole.client.heartbeat.SessionAction;
import io.systole.client.net.Connection;
import io.systole.client.net.ConnectionListener;
import io.systole.client.net.FailoverConnector;
import io.systole.client.net.Network;
import io.systole.client.net.ServerAddress;
import io.systole.client.net.Zone;
import io.systole.client.time.Clock;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One event loop's share of the client: what comes due, what comes back, and what follows. */
final class HeartbeatLoop implements ConnectionListener, HeartbeatTimerWheel.Due {
  /*
   *   wheel --due--> outbox --> connection --answer--> session --step--> outbox, or the end
   *   begin, cancel ---^
   *
   * All state belongs to the loop's thread; other threads hand in tasks.
   */
  private static final Logger log = LoggerFactory.getLogger(HeartbeatLoop.class);

  private static final long TICK_NS = TimeUnit.MILLISECONDS.toNanos(1);

  /** A day has fewer of these steps than an int counts. */
  private static final long FINE_TICK_NS = TimeUnit.MICROSECONDS.toNanos(50);

  private static final int TOO_MANY_REQUESTS = 429;
  private static final int UNAVAILABLE = 503;

  /** One revolution holds the usual interval of 30 s. */
  private static final int WHEEL_BUCKETS = 1 << 15;

  /** The same of fine steps. */
  private static final int FINE_WHEEL_BUCKETS = 1 << 20;

  private final EventLoop loop;
  private final Clock clock;
  private final HeartbeatListener observer;
  private final CallbackFailures failures;
  private final SessionSet sessions;
  private final RegistrationQueue changes;
  private final SendQueue sendQueue;
  private final HeartbeatTimerWheel wheel;
  private final FailoverConnector connector;
  private final boolean mayBeatAgain;
  private final boolean obeysRetryAfter;

  /** Of every session; 0 leaves it to each. */
  private int intervalMs;

  /** Alive, and not to beat until they are resumed. */
  private final Set<Session> paused = Collections.newSetFromMap(new IdentityHashMap<>());

  private boolean isClosed;

  private @Nullable ScheduledFuture<?> wakeUp;
  private long wakeUpNs = HeartbeatTimerWheel.NEVER;

  HeartbeatLoop(
      EventLoop loop,
      Network network,
      List<Zone> zones,
      ClientConfig config,
      ClientConfig.Share share,
      Clock clock,
      HeartbeatListener observer,
      @Nullable GuardedListener listening,
      CallbackFailures failures,
      SplittableRandom seeds) {
    this.loop = loop;
    this.clock = clock;
    this.failures = failures;
    this.observer = GuardedHeartbeatListener.of(observer, failures);
    this.sessions = new SessionSet(listening);
    this.intervalMs = config.intervalMs();
    this.mayBeatAgain = config.beatAgain();
    this.obeysRetryAfter = config.retryAfterMsMax() > 0;
    this.wheel = wheel(config.arrivals(), config.jitterMs(), clock, seeds.nextLong());
    this.connector = new FailoverConnector(
        loop,
        network,
        zones,
        config.lineSettings(),
        config.healthSettings(),
        share.connections(),
        clock,
        this,
        seeds.nextLong());
    ServerAddress first = zones.get(0).servers().get(0);
    this.changes = new RegistrationQueue(
        changeFrame(first), config, share, clock, this.observer, sessions, failures, seeds.split());
    this.sendQueue =
        new SendQueue(first, config, clock, this.observer, sessions, changes, connector.pool());
  }

  private static HeartbeatTimerWheel wheel(
      Arrivals arrivals, int jitterMs, Clock clock, long seed) {
    boolean isFine = arrivals != Arrivals.TICKS;
    long tickNs = isFine ? FINE_TICK_NS : TICK_NS;
    return new HeartbeatTimerWheel(
        clock.monotonicNs(),
        tickNs,
        isFine ? FINE_WHEEL_BUCKETS : WHEEL_BUCKETS,
        Math.toIntExact(TimeUnit.MILLISECONDS.toNanos(jitterMs) / tickNs),
        arrivals == Arrivals.POISSON
            ? HeartbeatTimerWheel.Phases.RANDOM
            : HeartbeatTimerWheel.Phases.EVEN,
        seed);
  }

  private static RegistrationEncoder changeFrame(ServerAddress server) {
    return new RegistrationEncoder(server.basePath(), server.headers());
  }

  /** Opens its connections; before any other call. */
  void start() {
    loop.execute(connector::open);
  }

  /** Takes a new session in and begins to register it; any thread. */
  void begin(Session session, long ownIntervalMs) {
    var begun = new CompletableFuture<Void>();
    begun.exceptionally(closed -> {
      session.listeners().registered().completeExceptionally(closed);
      session.abandon();
      return null;
    });
    run(begun, () -> {
      long interval = TimeUnit.MILLISECONDS.toNanos(intervalMs > 0 ? intervalMs : ownIntervalMs);
      sessions.add(session);
      sendQueue.assign(session);
      wheel.add(session, clock.monotonicNs(), interval);
      follow(session, session.begin());
      sendQueue.feedAll();
      setAlarm();
    });
  }

  /** Gives all sessions, of now and of later, one interval and spreads them over it; any thread. */
  void intervalMs(int nextMs) {
    run(new CompletableFuture<>(), () -> {
      intervalMs = nextMs;
      wheel.respread(clock.monotonicNs(), TimeUnit.MILLISECONDS.toNanos(nextMs));
      setAlarm();
    });
  }

  /** Changes what an instance says of itself; any thread. */
  CompletableFuture<Void> update(Session session, UnaryOperator<InstanceSupplier> change) {
    var done = new CompletableFuture<Void>();
    run(done, () -> {
      follow(session, session.update(counted(change), done));
      feedAll();
    });
    return done;
  }

  /** Counts what a change throws, which still fails the update. */
  private UnaryOperator<InstanceSupplier> counted(UnaryOperator<InstanceSupplier> change) {
    return source -> {
      try {
        return change.apply(source);
      } catch (Throwable e) {
        failures.note(CallbackKind.UPDATE, e);
        throw e;
      }
    };
  }

  /** Holds back the heartbeats of an instance, or lets them go again; any thread. */
  void pause(Session session, boolean isPaused) {
    run(new CompletableFuture<>(), () -> {
      if (!isPaused) {
        paused.remove(session);
      } else if (!session.isEnded()) {
        paused.add(session);
      }
    });
  }

  /** Ends a session; any thread. */
  CompletableFuture<Void> cancel(Session session) {
    var ended = new CompletableFuture<Void>();
    run(ended, () -> {
      cancelHere(session);
      feedAll();
      session.ended().whenComplete((done, failure) -> {
        if (failure == null) {
          ended.complete(null);
        } else {
          ended.completeExceptionally(failure);
        }
      });
    });
    return ended;
  }

  private void cancelHere(Session session) {
    paused.remove(session);
    boolean wasAlive = session.isAlive();
    SessionAction step = session.cancel();
    sessions.count(wasAlive, session);
    follow(session, step);
  }

  /** Ends all sessions; completes when none is left. Any thread. */
  CompletableFuture<Void> cancelAll() {
    var whenNoneLeft = new CompletableFuture<Void>();
    run(whenNoneLeft, () -> {
      for (Session session : sessions.all()) {
        cancelHere(session);
      }
      feedAll();
      sessions.reportWhenEmpty(whenNoneLeft);
    });
    return whenNoneLeft;
  }

  /** Changes what decides when beats go out; any thread. */
  void pace(SendMode next) {
    run(new CompletableFuture<>(), () -> {
      sendQueue.pace(next);
      sendQueue.feedAll();
    });
  }

  /** Takes stock; any thread. */
  CompletableFuture<ClientState> state() {
    var state = new CompletableFuture<ClientState>();
    run(state, () -> state.complete(stateHere()));
    return state;
  }

  private ClientState stateHere() {
    return new ClientState(
        sessions.size(),
        sessions.alive(),
        sendQueue.beatsWaiting(),
        changes.waiting(),
        connector.inFlight(),
        connector.poolOpen(),
        connector.lastLoss(),
        connector.states(),
        0);
  }

  /** Closes its connections for good; any thread. */
  CompletableFuture<Void> close() {
    var done = new CompletableFuture<Void>();
    run(done, () -> {
      isClosed = true;
      sendQueue.pace(SendMode.REST);
      stop(wakeUp);
      sendQueue.clear();
      changes.clear();
      connector.close();
      sessions.all().forEach(Session::abandon);
      done.complete(null);
    });
    return done;
  }

  boolean isCurrentThread() {
    return loop.inEventLoop();
  }

  /**
   * Runs a task on the loop. The future fails when the client is closed by then, or the task
   * throws; else it is the task's to complete. Any thread.
   */
  private void run(CompletableFuture<?> done, Runnable task) {
    try {
      loop.execute(() -> {
        if (isClosed) {
          fail(done);
          return;
        }
        try {
          task.run();
        } catch (RuntimeException | Error e) {
          done.completeExceptionally(e);
          throw e;
        }
      });
    } catch (RejectedExecutionException e) {
      fail(done);
    }
  }

  private static void fail(CompletableFuture<?> done) {
    done.completeExceptionally(new IllegalStateException("the client is closed"));
  }

  private static void stop(@Nullable ScheduledFuture<?> timer) {
    if (timer != null) {
      timer.cancel(false);
    }
  }

  // What comes due.

  private void wake() {
    long dueNs = wakeUpNs;
    wakeUpNs = HeartbeatTimerWheel.NEVER;
    try {
      long nowNs = clock.monotonicNs();
      observer.woke(dueNs, nowNs);
      wheel.turn(nowNs, this);
      changes.wake(nowNs);
      sendQueue.feedAll();
    } catch (Throwable e) {
      // Nobody sees what a timer's task throws.
      log.error("defect in the event loop of a client, which goes on", e);
    } finally {
      setAlarm();
    }
  }

  /** Sends what may be sent; what must wait for its time wakes the loop. */
  private void feedAll() {
    sendQueue.feedAll();
    if (!changes.isIdle()) {
      setAlarm();
    }
  }

  private void setAlarm() {
    long nextNs = sooner(wheel.nextDueNs(), changes.wakeNs());
    boolean isSooner = wakeUpNs == HeartbeatTimerWheel.NEVER || nextNs - wakeUpNs < 0;
    if (nextNs != HeartbeatTimerWheel.NEVER && isSooner) {
      stop(wakeUp);
      wakeUpNs = nextNs;
      long waitNs = Math.max(0, nextNs - clock.monotonicNs());
      wakeUp = loop.schedule(this::wake, waitNs, TimeUnit.NANOSECONDS);
    }
  }

  private static long sooner(long oneNs, long twoNs) {
    boolean isOne = twoNs == HeartbeatTimerWheel.NEVER
        || (oneNs != HeartbeatTimerWheel.NEVER && oneNs - twoNs <= 0);
    return isOne ? oneNs : twoNs;
  }

  @Override
  public void due(Session session, long dueNs, long missed) {
    boolean isHeldBack = sendQueue.pace() != SendMode.INTERVAL || paused.contains(session);
    if (session.isAlive() && isHeldBack) {
      return;
    }
    SessionAction step = session.due(dueNs);
    if (step == SessionAction.BEAT || step == SessionAction.SKIP) {
      observer.due(dueNs);
      for (long skipped = 0; skipped < missed; skipped++) {
        observer.due(dueNs);
        observer.failed(FailureReason.NOT_SENT, dueNs);
      }
      if (step == SessionAction.SKIP) {
        observer.failed(FailureReason.NOT_SENT, dueNs);
      }
    }
    follow(session, step);
  }

  // What comes back.

  @Override
  public void connected(ServerAddress server) {
    sendQueue.use(server);
    changes.use(changeFrame(server));
  }

  @Override
  public void failedOver(ServerAddress from, ServerAddress to, String cause) {
    observer.failedOver(from.url(), to.url(), cause);
    sessions.reportAll(new RegistrationEvent.FailedOver(from.url(), to.url(), cause));
  }

  @Override
  public void resumed() {
    feedAll();
  }

  @Override
  public void changesHeld(long untilNs) {
    changes.hold(untilNs);
  }

  @Override
  public void notOpened() {
    observer.connectionFailed();
  }

  @Override
  public void opened(Connection connection) {
    observer.connectionOpened();
    sendQueue.feed(connection);
    feedAll();
  }

  @Override
  public void answered(
      Connection connection,
      Session session,
      RequestType ask,
      int status,
      long dueNs,
      long sentNs,
      long answeredNs) {
    boolean wasAlive = session.isAlive();
    switch (ask) {
      case BEAT -> {
        observer.answered(status, dueNs, sentNs, answeredNs);
        follow(session, session.beatAnswered(status, answeredNs));
        if (status == UNAVAILABLE || status == TOO_MANY_REQUESTS) {
          beatAgainWhenRequested(connection, session);
        }
      }
      case REGISTER ->
        changes.registerAnswered(session, status, connection::text, sentNs, answeredNs);
      case CANCEL -> changes.cancelAnswered(session, status);
    }
    sessions.count(wasAlive, session);
  }

  @Override
  public void failed(Session session, RequestType ask, FailureReason reason, long dueNs) {
    boolean wasAlive = session.isAlive();
    switch (ask) {
      case BEAT -> {
        session.beatFailed();
        observer.failed(reason, dueNs);
        if (reason != FailureReason.MALFORMED_RESPONSE) {
          beatAgain(session);
        }
      }
      case REGISTER -> changes.registerFailed(session, reason);
      case CANCEL -> changes.cancelFailed(session, reason);
    }
    sessions.count(wasAlive, session);
  }

  @Override
  public void unprocessed(Session session, RequestType ask, long dueNs) {
    switch (ask) {
      case BEAT -> {
        if (session.beatUnprocessed(dueNs) == SessionAction.BEAT) {
          sendQueue.addResend(session);
        } else {
          failed(session, ask, FailureReason.CONNECTION_LOST, dueNs);
        }
      }
      case REGISTER -> changes.registerUnprocessed(session);
      case CANCEL -> changes.cancelUnprocessed(session);
    }
  }

  @Override
  public void cycleEnded(Connection connection, int bytesReceived) {
    observer.moved(0, bytesReceived);
    sendQueue.feed(connection);
    feedAll();
  }

  @Override
  public void closed() {
    loop.execute(this::feedAll);
  }

  /** A server that says when to come again means the beat that it did not take. */
  private void beatAgainWhenRequested(Connection connection, Session session) {
    if (obeysRetryAfter && (connection.saidRetryAfter() || connector.isHeld())) {
      beatAgain(session);
    }
  }

  /** Sends a beat that came to nothing again, as soon as a server takes it. */
  private void beatAgain(Session session) {
    if (mayBeatAgain && sendQueue.pace() == SendMode.INTERVAL) {
      long nowNs = clock.monotonicNs();
      SessionAction step = session.beatAgain(nowNs);
      if (step == SessionAction.BEAT) {
        observer.due(nowNs);
      }
      follow(session, step);
    }
  }

  // What becomes of a session.

  private void follow(Session session, SessionAction step) {
    if (step == SessionAction.BEAT) {
      sendQueue.addBeat(session);
    } else {
      changes.follow(session, step);
    }
  }
}
