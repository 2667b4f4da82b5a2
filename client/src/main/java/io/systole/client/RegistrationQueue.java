// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import io.systole.client.heartbeat.CallbackFailures;
import io.systole.client.heartbeat.CallbackFailures.CallbackKind;
import io.systole.client.heartbeat.FailureReason;
import io.systole.client.heartbeat.FrameBuffer;
import io.systole.client.heartbeat.HeartbeatListener;
import io.systole.client.heartbeat.HeartbeatTimerWheel;
import io.systole.client.heartbeat.RegistrationEncoder;
import io.systole.client.heartbeat.RegistrationResult;
import io.systole.client.heartbeat.RequestType;
import io.systole.client.heartbeat.Session;
import io.systole.client.heartbeat.SessionAction;
import io.systole.client.time.Clock;
import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import java.util.ArrayDeque;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The registrations and cancels of one event loop, from their queue to what follows from them. */
final class RegistrationQueue {
  /*
   *   waiting --next--> in flight --answered, failed--> the session says what follows
   *      ^    bound, rate                                  |
   *      +------------------ putOff <---------- CHANGE_LATER
   *
   * A session stands in waiting at most once, so it is bounded by the number of instances. So is
   * putOff, but for sessions that were cancelled meanwhile, which are passed over when their time
   * comes: at most one more for each.
   */
  private static final Logger log = LoggerFactory.getLogger(RegistrationQueue.class);

  /** A session whose next attempt has to wait. */
  private record PutOff(Session session, long untilNs) {}

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

  private final ArrayDeque<Session> waiting = new ArrayDeque<>();
  private final PriorityQueue<PutOff> deferred =
      new PriorityQueue<>((one, two) -> Long.signum(one.untilNs - two.untilNs));
  private RegistrationEncoder frame;
  private int inFlight;
  private boolean isRefusing;

  /** The server wants none before then. */
  private boolean isHeld;

  private long heldUntilNs;

  RegistrationQueue(
      RegistrationEncoder frame,
      ClientConfig config,
      ClientConfig.Share share,
      Clock clock,
      HeartbeatListener observer,
      SessionSet sessions,
      CallbackFailures failures,
      SplittableRandom random) {
    this.frame = frame;
    this.clock = clock;
    this.observer = observer;
    this.sessions = sessions;
    this.failures = failures;
    this.random = random;
    this.rate = new TokenBucket(share.changesPerSecMax(), clock.monotonicNs());
    this.inFlightMax = share.changesInFlightMax();
    this.retryMinMs = config.retryMinMs();
    this.retryMaxMs = config.retryMaxMs();
  }

  /** Requests go to another server from now on. */
  void use(RegistrationEncoder next) {
    frame = next;
    isHeld = false;
  }

  /** The server wants none before this time; another server may be asked at once. */
  void hold(long untilNs) {
    isHeld = true;
    heldUntilNs = untilNs;
  }

  private boolean isHeld(long nowNs) {
    isHeld = isHeld && heldUntilNs - nowNs > 0;
    return isHeld;
  }

  /** Returns how many are not sent yet, those that are put off included. */
  int waiting() {
    return waiting.size() + deferred.size();
  }

  /** Drops all that waits. */
  void clear() {
    waiting.clear();
    deferred.clear();
  }

  /** Says whether one may be sent, if a connection has room. */
  boolean mayStart(long nowNs) {
    return !waiting.isEmpty() && inFlight < inFlightMax && !isHeld(nowNs) && rate.has(nowNs);
  }

  /** Says that nothing waits, and so nothing comes due by time alone. */
  boolean isIdle() {
    return waiting.isEmpty() && deferred.isEmpty();
  }

  /** Returns when time alone will bring something to send, or {@link HeartbeatTimerWheel#NEVER}. */
  long wakeNs() {
    PutOff first = deferred.peek();
    long retryNs = first == null ? HeartbeatTimerWheel.NEVER : first.untilNs;
    long startNs = startNs();
    if (startNs == TokenBucket.READY) {
      return retryNs;
    }
    return retryNs == HeartbeatTimerWheel.NEVER || startNs - retryNs < 0 ? startNs : retryNs;
  }

  /** Returns when the next may start, as far as time alone decides it. */
  private long startNs() {
    if (waiting.isEmpty() || inFlight >= inFlightMax) {
      return TokenBucket.READY;
    }
    long nowNs = clock.monotonicNs();
    return isHeld(nowNs) ? heldUntilNs : rate.readyNs(nowNs);
  }

  /** Brings those back whose wait is over. */
  void wake(long nowNs) {
    PutOff first = deferred.peek();
    while (first != null && first.untilNs - nowNs <= 0) {
      deferred.remove();
      if (first.session.retry()) {
        waiting.add(first.session);
      }
      first = deferred.peek();
    }
  }

  /**
   * Starts the next change that may start.
   *
   * @return whose it is, its frame appended; null when none may start
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
    RequestType ask = session.nextChange();
    if (ask == RequestType.CANCEL) {
      frame.writeCancel(session, out);
      return true;
    }
    byte @Nullable [] document = ask == RequestType.REGISTER ? document(session) : null;
    if (document == null) {
      return false;
    }
    frame.writeRegister(session, document, out);
    return true;
  }

  /** The document comes from the caller, and so does its failure. */
  private byte @Nullable [] document(Session session) {
    try {
      return codec.encodeInstance(session.register(clock.wallMs()), Form.FULL);
    } catch (Throwable e) {
      // Even an error must not end the event loop that keeps all the others alive.
      failures.note(CallbackKind.SOURCE, e);
      follow(session, session.registerImpossible(e));
      return null;
    }
  }

  /**
   * A registration was answered.
   *
   * @param text gives the beginning of the answer's body
   */
  void registerAnswered(
      Session session, int status, Supplier<String> text, long sentNs, long answeredNs) {
    inFlight--;
    RegistrationResult verdict = RegistrationResult.of(status);
    if (verdict == RegistrationResult.ACCEPTED) {
      isRefusing = false;
      observer.registered(status, sentNs, answeredNs);
      follow(session, session.registerAccepted(answeredNs));
    } else {
      String words = text.get();
      observer.registrationRefused(status, words);
      if (!isRefusing) {
        isRefusing = true;
        log.warn("server refuses registration status={} text={}", status, words);
      }
      follow(
          session,
          verdict == RegistrationResult.REFUSED
              ? session.registerRefused(
                  status, words, new RegistrationRejectedException(status, words))
              : session.registerFailed(false));
    }
  }

  /** A registration got no answer. */
  void registerFailed(Session session, FailureReason reason) {
    inFlight--;
    observer.registrationFailed(reason);
    follow(session, session.registerFailed(reason == FailureReason.CONNECTION_LOST));
  }

  /** A registration was not processed: it goes first, once more. */
  void registerUnprocessed(Session session) {
    if (session.mayResend()) {
      inFlight--;
      followFirst(session, session.registerUnprocessed());
    } else {
      registerFailed(session, FailureReason.CONNECTION_LOST);
    }
  }

  /** A cancel was not processed: it goes first, once more. */
  void cancelUnprocessed(Session session) {
    if (session.mayResend()) {
      inFlight--;
      followFirst(session, session.cancelUnprocessed());
    } else {
      cancelFailed(session, FailureReason.CONNECTION_LOST);
    }
  }

  private void followFirst(Session session, SessionAction step) {
    if (step == SessionAction.CHANGE) {
      waiting.addFirst(session);
    } else {
      follow(session, step);
    }
  }

  /** A cancel was answered. */
  void cancelAnswered(Session session, int status) {
    inFlight--;
    follow(session, session.cancelAnswered(status));
  }

  /** A cancel got no answer. */
  void cancelFailed(Session session, FailureReason reason) {
    inFlight--;
    follow(session, session.cancelFailed(reason == FailureReason.CONNECTION_LOST));
  }

  /** Does what a session says is next of its changes. */
  void follow(Session session, SessionAction step) {
    switch (step) {
      case CHANGE -> waiting.add(session);
      case CHANGE_LATER -> deferred.add(new PutOff(session, untilNs(session.attempts())));
      case END -> sessions.end(session);
      case NOTHING, BEAT, SKIP -> {}
    }
  }

  /** Doubling from the least to the longest wait, the upper half of it random. */
  private long untilNs(int attempts) {
    long wholeMs = Math.min(retryMaxMs, (long) retryMinMs << (attempts - 1));
    long waitMs = wholeMs - random.nextLong(wholeMs / 2 + 1);
    return clock.monotonicNs() + TimeUnit.MILLISECONDS.toNanos(waitMs);
  }
}
