// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import io.netty.channel.EventLoop;
import io.systole.client.api.FailureReason;
import io.systole.client.api.HeartbeatListener;
import io.systole.client.api.InstanceSupplier;
import io.systole.client.api.RegistrationEvent;
import io.systole.client.heartbeat.CallbackFailures;
import io.systole.client.heartbeat.CallbackFailures.CallbackKind;
import io.systole.client.heartbeat.GuardedHeartbeatListener;
import io.systole.client.heartbeat.GuardedListener;
import io.systole.client.heartbeat.HeartbeatEncoder;
import io.systole.client.heartbeat.HeartbeatFrame;
import io.systole.client.heartbeat.RegistrationEncoder;
import io.systole.client.heartbeat.RequestType;
import io.systole.client.heartbeat.Session;
import io.systole.client.heartbeat.SessionAction;
import io.systole.client.net.Connection;
import io.systole.client.net.FailoverConnector;
import io.systole.client.net.MemberSchedule;
import io.systole.client.net.Network;
import io.systole.client.net.ServerAddress;
import io.systole.client.net.Zone;
import io.systole.protocol.time.Clock;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The controller of one event loop's sessions. It reports requests of the application and events of
 * the connections to them and performs the actions that they return.
 */
final class SessionController implements Connection.Listener {
  /*
   *   timers --due--> send queue --> connection --response--> session --action--> send queue, or the end
   *   begin, cancel ----^
   *
   * Confined to the event loop.
   */

  private final EventLoop loop;
  private final Clock clock;
  private final HeartbeatListener observer;
  private final CallbackFailures failures;
  private final SessionSet sessions;
  private final RegistrationQueue changes;
  private final SendQueue sendQueue;
  private final HeartbeatTimers timers;
  private final FailoverConnector connector;
  private final boolean retriesHeartbeats;
  private final boolean honorsRetryAfter;
  private final boolean usesFrames;
  private final FrameResponses frameResponses;

  SessionController(
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
    this.retriesHeartbeats = config.retryHeartbeats();
    this.honorsRetryAfter = config.healthSettings().retryAfterMsMax() > 0;
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
    if (config.memberIntervalMs() > 0) {
      connector.discoverMembers(new MemberSchedule(config.memberIntervalMs()));
    }
    this.usesFrames = config.bulkWindowMs() > 0;
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
    this.frameResponses = new FrameResponses(this.observer, sendQueue);
    this.timers = new HeartbeatTimers(
        loop, config, clock, this.observer, changes, sendQueue, seeds.nextLong());
  }

  private RegistrationEncoder registrationEncoder(ServerAddress server) {
    String headers = server.headers() + (usesFrames ? HeartbeatEncoder.HANDLE_REQUEST : "");
    return new RegistrationEncoder(server.basePath(), headers);
  }

  /** Opens the connections; before any other call. */
  void start() {
    connector.open();
  }

  /** Closes all connections permanently and abandons all sessions. */
  void close() {
    sendQueue.pace(SendMode.REST);
    timers.stop();
    sendQueue.clear();
    changes.clear();
    connector.close();
    sessions.all().forEach(Session::abandon);
  }

  // Requests of the application.

  /** Adds a session and begins to register it. */
  void begin(Session session, long ownIntervalMs) {
    sessions.add(session);
    sendQueue.assign(session);
    timers.add(session, ownIntervalMs);
    sendQueue.perform(session, session.begin());
    sendQueue.feedAll();
    timers.scheduleWakeUp();
  }

  /** Updates the document of an instance; the future completes when the server has accepted it. */
  void update(
      Session session, UnaryOperator<InstanceSupplier> change, CompletableFuture<Void> done) {
    sendQueue.perform(session, session.update(counted(change), done));
    feedAll();
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

  /** Suspends or resumes the heartbeats of an instance. */
  void pause(Session session, boolean isPaused) {
    if (!isPaused) {
      timers.resume(session);
    } else if (!session.isEnded()) {
      timers.pause(session);
    }
  }

  /** Sets the interval of all current and future sessions and redistributes their due times. */
  void intervalMs(int newIntervalMs) {
    timers.intervalMs(newIntervalMs);
  }

  /** Changes the send mode. */
  void pace(SendMode next) {
    sendQueue.pace(next);
    sendQueue.feedAll();
  }

  /** Cancels a session. */
  void cancel(Session session) {
    beginCancel(session);
    feedAll();
  }

  /** Cancels all sessions; the future completes when no session is left. */
  void cancelAll(CompletableFuture<Void> empty) {
    for (Session session : sessions.all()) {
      beginCancel(session);
    }
    feedAll();
    sessions.completeWhenEmpty(empty);
  }

  private void beginCancel(Session session) {
    timers.resume(session);
    boolean wasAlive = session.isAlive();
    SessionAction action = session.cancel();
    sessions.count(wasAlive, session);
    sendQueue.perform(session, action);
  }

  /** Returns the current state of this loop. */
  ClientState state() {
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
        sendQueue.perform(session, session.beatAnswered(status, answeredNs));
        if (FrameResponses.isRefusalForLoad(status) && isRetryAfter(connection)) {
          retry(session);
        }
      }
      case REGISTER ->
        changes.registerAnswered(
            session,
            status,
            connection::text,
            connection.retryAfterMs(clock.wallMs()),
            sentNs,
            answeredNs);
      case CANCEL -> changes.cancelAnswered(session, status);
    }
    sessions.count(wasAlive, session);
  }

  @Override
  public void answered(
      Connection connection,
      HeartbeatFrame frame,
      int status,
      byte[] body,
      long sentNs,
      long answeredNs) {
    if (FrameResponses.isRefusalForLoad(status)
        && connection.frameRefusedForLoad(sentNs, answeredNs)) {
      boolean isRetryAfter = isRetryAfter(connection);
      frameResponses.refusedForLoad(
          frame, status, sentNs, answeredNs, session -> isRetryAfter && beginRetry(session));
      timers.scheduleWakeUp();
    } else {
      frameResponses.answered(connection, frame, status, body, sentNs, answeredNs);
    }
  }

  @Override
  public void failed(HeartbeatFrame frame, FailureReason reason) {
    for (int index = 0; index < frame.count(); index++) {
      failed(frame.session(index), RequestType.BEAT, reason, frame.dueNs(index));
    }
  }

  @Override
  public void unprocessed(HeartbeatFrame frame) {
    for (int index = 0; index < frame.count(); index++) {
      unprocessed(frame.session(index), RequestType.BEAT, frame.dueNs(index));
    }
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
    observer.bytesTransferred(0, bytesReceived);
    sendQueue.feed(connection);
    feedAll();
  }

  @Override
  public void closed() {
    loop.execute(this::feedAll);
  }

  /** Sends as much as possible and schedules a wake-up for the rest. */
  private void feedAll() {
    sendQueue.feedAll();
    if (!changes.isIdle()) {
      timers.scheduleWakeUp();
    }
  }

  /** Returns whether a heartbeat that was refused for load is to be sent again. */
  private boolean isRetryAfter(Connection connection) {
    return honorsRetryAfter && (connection.hasRetryAfter() || connector.isPaused());
  }

  /** Sends a failed heartbeat again as soon as a server accepts it. */
  private void retry(Session session) {
    if (beginRetry(session)) {
      sendQueue.perform(session, SessionAction.BEAT);
    }
  }

  /** Begins a failed heartbeat again; returns false if it must not be sent. */
  private boolean beginRetry(Session session) {
    if (!retriesHeartbeats || sendQueue.pace() != SendMode.INTERVAL) {
      return false;
    }
    long nowNs = clock.monotonicNs();
    boolean isBegun = session.retryBeat(nowNs) == SessionAction.BEAT;
    if (isBegun) {
      observer.due(nowNs);
    }
    return isBegun;
  }
}
