// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import io.systole.client.api.FailureReason;
import io.systole.client.api.HeartbeatListener;
import io.systole.client.heartbeat.CallbackFailures;
import io.systole.client.heartbeat.CallbackFailures.CallbackKind;
import io.systole.client.heartbeat.FrameBuffer;
import io.systole.client.heartbeat.HeartbeatTimerWheel;
import io.systole.client.heartbeat.RegistrationEncoder;
import io.systole.client.heartbeat.RegistrationResult;
import io.systole.client.heartbeat.RequestType;
import io.systole.client.heartbeat.Session;
import io.systole.client.heartbeat.SessionAction;
import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.time.Clock;
import java.util.ArrayDeque;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The pending registrations and cancels of one event loop. */
final class RegistrationQueue {
  /*
   *   waiting --next--> in flight --answered, failed--> session returns the next action
   *      ^    limits                                         |
   *      +------------------ deferred <---------- CHANGE_LATER
   *
   * A session is in waiting at most once, so the queue is bounded by the number of instances. So is
   * deferred, except for sessions cancelled meanwhile: at most one extra entry each, skipped when
   * due.
   */
  private static final Logger log = LoggerFactory.getLogger(RegistrationQueue.class);

  /** A session whose next attempt is delayed. */
  private record DeferredChange(Session session, long untilNs) {}

  private final Clock clock;
  private final HeartbeatListener observer;
  private final SessionSet sessions;
  private final CallbackFailures failures;
  private final JsonCodec codec = new JsonCodec();
  private final TokenBucket rate;
  private final SplittableRandom random;
  private final int inFlightMax;
  private final int retryMinMs;
  private final int retryMaxMs;
  private final int retryAfterMsMax;

  private final ArrayDeque<Session> waiting = new ArrayDeque<>();
  private final PriorityQueue<DeferredChange> deferred =
      new PriorityQueue<>((one, two) -> Long.signum(one.untilNs - two.untilNs));
  private RegistrationEncoder encoder;
  private int inFlight;
  private boolean isRejecting;

  /** True if the server has requested a delay with Retry-After. */
  private boolean isDelayed;

  private long delayedUntilNs;

  RegistrationQueue(
      RegistrationEncoder encoder,
      ClientConfig config,
      ClientConfig.Share share,
      Clock clock,
      HeartbeatListener observer,
      SessionSet sessions,
      CallbackFailures failures,
      SplittableRandom random) {
    this.encoder = encoder;
    this.clock = clock;
    this.observer = observer;
    this.sessions = sessions;
    this.failures = failures;
    this.random = random;
    this.rate = new TokenBucket(share.changesPerSecMax(), clock.monotonicNs());
    this.inFlightMax = share.changesInFlightMax();
    this.retryMinMs = config.retryMinMs();
    this.retryMaxMs = config.retryMaxMs();
    this.retryAfterMsMax = config.registrationRetryAfterMsMax();
  }

  /** Encodes requests for another server from now on. */
  void use(RegistrationEncoder next) {
    encoder = next;
    isDelayed = false;
  }

  /** Sends nothing before this time, until another server is used. */
  void deferUntil(long untilNs) {
    isDelayed = true;
    delayedUntilNs = untilNs;
  }

  private boolean isDelayed(long nowNs) {
    isDelayed = isDelayed && delayedUntilNs - nowNs > 0;
    return isDelayed;
  }

  /** Returns the number of changes not sent yet, deferred ones included. */
  int waiting() {
    return waiting.size() + deferred.size();
  }

  /** Removes all changes. */
  void clear() {
    waiting.clear();
    deferred.clear();
  }

  /** Returns whether a change may be sent once a connection has space. */
  boolean mayStart(long nowNs) {
    return !waiting.isEmpty() && inFlight < inFlightMax && !isDelayed(nowNs) && rate.has(nowNs);
  }

  /** Returns whether there are no changes. */
  boolean isIdle() {
    return waiting.isEmpty() && deferred.isEmpty();
  }

  /**
   * Returns the earliest time at which a change can be sent without any other event, or
   * {@link HeartbeatTimerWheel#NEVER}.
   */
  long wakeNs() {
    DeferredChange first = deferred.peek();
    long retryNs = first == null ? HeartbeatTimerWheel.NEVER : first.untilNs;
    long startNs = startNs();
    if (startNs == TokenBucket.READY) {
      return retryNs;
    }
    return retryNs == HeartbeatTimerWheel.NEVER || startNs - retryNs < 0 ? startNs : retryNs;
  }

  /** Returns the time at which the rate limit or a requested delay permits the next change. */
  private long startNs() {
    if (waiting.isEmpty() || inFlight >= inFlightMax) {
      return TokenBucket.READY;
    }
    long nowNs = clock.monotonicNs();
    return isDelayed(nowNs) ? delayedUntilNs : rate.readyNs(nowNs);
  }

  /** Moves deferred changes that are due back to the queue. */
  void requeueDue(long nowNs) {
    DeferredChange first = deferred.peek();
    while (first != null && first.untilNs - nowNs <= 0) {
      deferred.remove();
      if (first.session.retry()) {
        waiting.add(first.session);
      }
      first = deferred.peek();
    }
  }

  /**
   * Starts the next change if the limits permit, and appends its request.
   *
   * @return the session of the change, or null if there is none
   */
  @Nullable
  Session next(FrameBuffer out, long nowNs) {
    while (mayStart(nowNs)) {
      Session session = waiting.remove();
      if (write(session, out)) {
        rate.take(nowNs);
        inFlight++;
        return session;
      }
    }
    return null;
  }

  private boolean write(Session session, FrameBuffer out) {
    RequestType type = session.nextChange();
    if (type == RequestType.CANCEL) {
      encoder.writeCancel(session, out);
      return true;
    }
    byte @Nullable [] document = type == RequestType.REGISTER ? document(session) : null;
    if (document == null) {
      return false;
    }
    encoder.writeRegister(session, document, out);
    return true;
  }

  /** Returns the encoded document, or null if the application's supplier threw. */
  private byte @Nullable [] document(Session session) {
    try {
      return codec.encodeInstance(session.register(clock.wallMs()), Form.FULL);
    } catch (Throwable e) {
      // Even an Error must not end the event loop of all other instances.
      failures.record(CallbackKind.SOURCE, e);
      perform(session, session.registerUnavailable(e));
      return null;
    }
  }

  /**
   * Handles the response to a registration.
   *
   * @param text supplies the beginning of the response body
   * @param retryAfterMs delay requested by the response; 0 for none
   */
  void registerAnswered(
      Session session,
      int status,
      Supplier<String> text,
      long retryAfterMs,
      long sentNs,
      long answeredNs) {
    inFlight--;
    RegistrationResult result = RegistrationResult.of(status);
    if (result == RegistrationResult.ACCEPTED) {
      isRejecting = false;
      observer.registered(status, sentNs, answeredNs);
      perform(session, session.registerAccepted(answeredNs));
    } else {
      String message = text.get();
      observer.registrationRefused(status, message);
      if (!isRejecting) {
        isRejecting = true;
        log.warn("server rejected registration status={} text={}", status, message);
      }
      perform(
          session,
          result == RegistrationResult.REJECTED
              ? session.registerRejected(
                  status, message, new RegistrationRejectedException(status, message))
              : session.registerFailed(false),
          Math.min(retryAfterMs, retryAfterMsMax));
    }
  }

  /** Handles a registration without a response. */
  void registerFailed(Session session, FailureReason reason) {
    inFlight--;
    observer.registrationFailed(reason);
    perform(session, session.registerFailed(reason == FailureReason.CONNECTION_LOST));
  }

  /** Puts an unprocessed registration at the head of the queue. */
  void registerUnprocessed(Session session) {
    if (session.mayResend()) {
      inFlight--;
      performFirst(session, session.registerUnprocessed());
    } else {
      registerFailed(session, FailureReason.CONNECTION_LOST);
    }
  }

  /** Puts an unprocessed cancel at the head of the queue. */
  void cancelUnprocessed(Session session) {
    if (session.mayResend()) {
      inFlight--;
      performFirst(session, session.cancelUnprocessed());
    } else {
      cancelFailed(session, FailureReason.CONNECTION_LOST);
    }
  }

  private void performFirst(Session session, SessionAction action) {
    if (action == SessionAction.CHANGE) {
      waiting.addFirst(session);
    } else {
      perform(session, action);
    }
  }

  /** Handles the response to a cancel. */
  void cancelAnswered(Session session, int status) {
    inFlight--;
    perform(session, session.cancelAnswered(status));
  }

  /** Handles a cancel without a response. */
  void cancelFailed(Session session, FailureReason reason) {
    inFlight--;
    perform(session, session.cancelFailed(reason == FailureReason.CONNECTION_LOST));
  }

  /** Performs the next action of a session. */
  void perform(Session session, SessionAction action) {
    perform(session, action, 0);
  }

  /** @param requestedMs delay of the next attempt as the server requested; 0 if it did not */
  private void perform(Session session, SessionAction action, long requestedMs) {
    switch (action) {
      case CHANGE -> waiting.add(session);
      case CHANGE_LATER ->
        deferred.add(new DeferredChange(
            session,
            clock.monotonicNs()
                + TimeUnit.MILLISECONDS.toNanos(
                    requestedMs > 0 ? requestedMs : backoffMs(session.attempts()))));
      case END -> sessions.end(session);
      case NOTHING, BEAT, SKIP -> {}
    }
  }

  /** Returns the delay of the next attempt: it doubles, and its upper half is random. */
  private long backoffMs(int attempts) {
    long stepMs = Math.min(retryMaxMs, (long) retryMinMs << (attempts - 1));
    return stepMs - random.nextLong(stepMs / 2 + 1);
  }
}
