// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.systole.client.api.FailureReason;
import io.systole.client.api.HeartbeatListener;
import io.systole.client.api.InstanceSupplier;
import io.systole.client.api.RegistrationEvent;
import io.systole.client.heartbeat.CallbackFailures;
import io.systole.client.heartbeat.CallbackFailures.CallbackKind;
import io.systole.client.heartbeat.GuardedHeartbeatListener;
import io.systole.client.heartbeat.GuardedListener;
import io.systole.client.heartbeat.HeartbeatTimerWheel;
import io.systole.client.heartbeat.RegistrationEncoder;
import io.systole.client.heartbeat.RequestType;
import io.systole.client.heartbeat.Session;
import io.systole.client.heartbeat.SessionAction;
import io.systole.client.net.Connection;
import io.systole.client.net.FailoverConnector;
import io.systole.client.net.Network;
import io.systole.client.net.ServerAddress;
import io.systole.client.net.Zone;
import io.systole.protocol.time.Clock;
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

/** One event loop of the client: sends what is due and handles the responses. */
final class HeartbeatLoop implements Connection.Listener, HeartbeatTimerWheel.Due {
  /*
   *   wheel --due--> send queue --> connection --response--> session --action--> send queue, or the end
   *   begin, cancel ---^
   *
   * All state is confined to the event loop; other threads submit tasks.
   */
  private static final Logger log = LoggerFactory.getLogger(HeartbeatLoop.class);

  private static final long TICK_NS = TimeUnit.MILLISECONDS.toNanos(1);

  /** One day has fewer of these ticks than {@link Integer#MAX_VALUE}. */
  private static final long FINE_TICK_NS = TimeUnit.MICROSECONDS.toNanos(50);

  private static final int TOO_MANY_REQUESTS = 429;
  private static final int UNAVAILABLE = 503;

  /** One revolution exceeds the usual interval of 30 s. */
  private static final int WHEEL_BUCKETS = 1 << 15;

  /** One revolution exceeds the usual interval of 30 s. */
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
  private final boolean retriesHeartbeats;
  private final boolean honorsRetryAfter;

  /** Interval of every session; 0 for the session's own. */
  private int intervalMs;

  /** Sessions whose heartbeats are suspended. */
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
      @Nullable GuardedListener allListener,
      CallbackFailures failures,
      SplittableRandom seeds) {
    this.loop = loop;
    this.clock = clock;
    this.failures = failures;
    this.observer = GuardedHeartbeatListener.of(observer, failures);
    this.sessions = new SessionSet(allListener);
    this.intervalMs = config.intervalMs();
    this.retriesHeartbeats = config.retryHeartbeats();
    this.honorsRetryAfter = config.retryAfterMsMax() > 0;
    this.wheel = wheel(config.arrivals(), config.jitterMs(), clock, seeds.nextLong());
    this.connector = new FailoverConnector(
        loop,
        network,
        zones,
        config.connectionSettings(),
        config.healthSettings(),
        share.connections(),
        clock,
        this,
        seeds.nextLong());
    ServerAddress first = zones.get(0).servers().get(0);
    this.changes = new RegistrationQueue(
        registrationEncoder(first),
        config,
        share,
        clock,
        this.observer,
        sessions,
        failures,
        seeds.split());
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

  private static RegistrationEncoder registrationEncoder(ServerAddress server) {
    return new RegistrationEncoder(server.basePath(), server.headers());
  }

  /** Opens the connections; before any other call. */
  void start() {
    loop.execute(connector::open);
  }

  /** Adds a session and begins to register it. Any thread. */
  void begin(Session session, long ownIntervalMs) {
    var started = new CompletableFuture<Void>();
    started.exceptionally(closed -> {
      session.listeners().registered().completeExceptionally(closed);
      session.abandon();
      return null;
    });
    run(started, () -> {
      long interval = TimeUnit.MILLISECONDS.toNanos(intervalMs > 0 ? intervalMs : ownIntervalMs);
      sessions.add(session);
      sendQueue.assign(session);
      wheel.add(session, clock.monotonicNs(), interval);
      perform(session, session.begin());
      sendQueue.feedAll();
      scheduleWakeUp();
    });
  }

  /**
   * Sets the interval of all current and future sessions and redistributes their due times. Any
   * thread.
   */
  void intervalMs(int newIntervalMs) {
    run(new CompletableFuture<>(), () -> {
      intervalMs = newIntervalMs;
      wheel.respread(clock.monotonicNs(), TimeUnit.MILLISECONDS.toNanos(newIntervalMs));
      scheduleWakeUp();
    });
  }

  /** Updates the document of an instance. Any thread. */
  CompletableFuture<Void> update(Session session, UnaryOperator<InstanceSupplier> change) {
    var done = new CompletableFuture<Void>();
    run(done, () -> {
      perform(session, session.update(counted(change), done));
      feedAll();
    });
    return done;
  }

  /** Wraps a change to count its exceptions, which still fail the update. */
  private UnaryOperator<InstanceSupplier> counted(UnaryOperator<InstanceSupplier> change) {
    return source -> {
      try {
        return change.apply(source);
      } catch (Throwable e) {
        failures.record(CallbackKind.UPDATE, e);
        throw e;
      }
    };
  }

  /** Suspends or resumes the heartbeats of an instance. Any thread. */
  void pause(Session session, boolean isPaused) {
    run(new CompletableFuture<>(), () -> {
      if (!isPaused) {
        paused.remove(session);
      } else if (!session.isEnded()) {
        paused.add(session);
      }
    });
  }

  /** Cancels a session. Any thread. */
  CompletableFuture<Void> cancel(Session session) {
    var ended = new CompletableFuture<Void>();
    run(ended, () -> {
      cancelOnLoop(session);
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

  private void cancelOnLoop(Session session) {
    paused.remove(session);
    boolean wasAlive = session.isAlive();
    SessionAction action = session.cancel();
    sessions.count(wasAlive, session);
    perform(session, action);
  }

  /** Cancels all sessions. Completes when no session is left. Any thread. */
  CompletableFuture<Void> cancelAll() {
    var empty = new CompletableFuture<Void>();
    run(empty, () -> {
      for (Session session : sessions.all()) {
        cancelOnLoop(session);
      }
      feedAll();
      sessions.completeWhenEmpty(empty);
    });
    return empty;
  }

  /** Changes the send mode. Any thread. */
  void pace(SendMode next) {
    run(new CompletableFuture<>(), () -> {
      sendQueue.pace(next);
      sendQueue.feedAll();
    });
  }

  /** Samples the state of this loop. Any thread. */
  CompletableFuture<ClientState> state() {
    var state = new CompletableFuture<ClientState>();
    run(state, () -> state.complete(stateOnLoop()));
    return state;
  }

  private ClientState stateOnLoop() {
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

  /** Closes all connections permanently. Any thread. */
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
   * Runs a task on the loop. The future fails if the client is closed or the task throws; otherwise
   * the task completes it. Any thread.
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

  // Timers.

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
      // The scheduler would discard the exception.
      log.error("unexpected failure in a client event loop, continuing", e);
    } finally {
      scheduleWakeUp();
    }
  }

  /** Sends as much as possible and schedules a wake-up for the rest. */
  private void feedAll() {
    sendQueue.feedAll();
    if (!changes.isIdle()) {
      scheduleWakeUp();
    }
  }

  private void scheduleWakeUp() {
    long nextNs = earlier(wheel.nextDueNs(), changes.wakeNs());
    boolean isEarlier = wakeUpNs == HeartbeatTimerWheel.NEVER || nextNs - wakeUpNs < 0;
    if (nextNs != HeartbeatTimerWheel.NEVER && isEarlier) {
      stop(wakeUp);
      wakeUpNs = nextNs;
      long waitNs = Math.max(0, nextNs - clock.monotonicNs());
      wakeUp = loop.schedule(this::wake, waitNs, TimeUnit.NANOSECONDS);
    }
  }

  private static long earlier(long firstNs, long secondNs) {
    boolean isFirst = secondNs == HeartbeatTimerWheel.NEVER
        || (firstNs != HeartbeatTimerWheel.NEVER && firstNs - secondNs <= 0);
    return isFirst ? firstNs : secondNs;
  }

  @Override
  public void due(Session session, long dueNs, long missed) {
    boolean isSuspended = sendQueue.pace() != SendMode.INTERVAL || paused.contains(session);
    if (session.isAlive() && isSuspended) {
      return;
    }
    SessionAction action = session.due(dueNs);
    if (action == SessionAction.BEAT || action == SessionAction.SKIP) {
      observer.due(dueNs);
      for (long skipped = 0; skipped < missed; skipped++) {
        observer.due(dueNs);
        observer.failed(FailureReason.NOT_SENT, dueNs);
      }
      if (action == SessionAction.SKIP) {
        observer.failed(FailureReason.NOT_SENT, dueNs);
      }
    }
    perform(session, action);
  }

  // Connection events.

  @Override
  public void connected(ServerAddress server) {
    sendQueue.use(server);
    changes.use(registrationEncoder(server));
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
  public void changesDeferred(long untilNs) {
    changes.deferUntil(untilNs);
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
      RequestType type,
      int status,
      long dueNs,
      long sentNs,
      long answeredNs) {
    boolean wasAlive = session.isAlive();
    switch (type) {
      case BEAT -> {
        observer.answered(status, dueNs, sentNs, answeredNs);
        perform(session, session.beatAnswered(status, answeredNs));
        if (status == UNAVAILABLE || status == TOO_MANY_REQUESTS) {
          retryIfRetryAfter(connection, session);
        }
      }
      case REGISTER ->
        changes.registerAnswered(session, status, connection::text, sentNs, answeredNs);
      case CANCEL -> changes.cancelAnswered(session, status);
    }
    sessions.count(wasAlive, session);
  }

  @Override
  public void failed(Session session, RequestType type, FailureReason reason, long dueNs) {
    boolean wasAlive = session.isAlive();
    switch (type) {
      case BEAT -> {
        session.beatFailed();
        observer.failed(reason, dueNs);
        if (reason != FailureReason.MALFORMED_RESPONSE) {
          retry(session);
        }
      }
      case REGISTER -> changes.registerFailed(session, reason);
      case CANCEL -> changes.cancelFailed(session, reason);
    }
    sessions.count(wasAlive, session);
  }

  @Override
  public void unprocessed(Session session, RequestType type, long dueNs) {
    switch (type) {
      case BEAT -> {
        if (session.beatUnprocessed(dueNs) == SessionAction.BEAT) {
          observer.resent(dueNs);
          sendQueue.addResend(session);
        } else {
          failed(session, type, FailureReason.CONNECTION_LOST, dueNs);
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

  /** Sends a heartbeat again that was refused with Retry-After. */
  private void retryIfRetryAfter(Connection connection, Session session) {
    if (honorsRetryAfter && (connection.hasRetryAfter() || connector.isPaused())) {
      retry(session);
    }
  }

  /** Sends a failed heartbeat again as soon as a server accepts it. */
  private void retry(Session session) {
    if (retriesHeartbeats && sendQueue.pace() == SendMode.INTERVAL) {
      long nowNs = clock.monotonicNs();
      SessionAction action = session.retryBeat(nowNs);
      if (action == SessionAction.BEAT) {
        observer.due(nowNs);
      }
      perform(session, action);
    }
  }

  // Session actions.

  private void perform(Session session, SessionAction action) {
    if (action == SessionAction.BEAT) {
      sendQueue.addBeat(session);
    } else {
      changes.perform(session, action);
    }
  }
}
