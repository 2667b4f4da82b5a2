// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

import io.systole.client.api.InstanceSupplier;
import io.systole.client.api.RegistrationEvent;
import io.systole.client.api.RegistrationState;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.renewal.LeaseHandle;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The state machine of one instance at its registry. It performs no I/O: the event loop reports
 * events to it and performs the actions that it returns.
 */
public final class Session {
  /*
   *                              sent               200, 204            update sent
   *   --> UNREGISTERED -------------> REGISTERING ----------> ALIVE --------------------> UPDATING
   *           ^                        |   |                  |  ^                         |  |
   *           +------ lost, 5xx -------+   +- 4xx -> REJECTED |  +-- any response, lost ---+  |
   *                                                 beat: 404 |                     beat: 404 |
   *                              sent                         v                               v
   *         RETURNING <------------------------------------ LOST          to RETURNING <------+
   *           |  |                                            ^
   *           |  +----- 4xx, 5xx, lost -----------------------+
   *           +-------- 200, 204 -> ALIVE
   *
   *   cancel():  while a registration is in flight, after its response or loss    200, 404
   *              UNREGISTERED and never sent -> CANCELLED;  else -> CANCELLING ------------> CANCELLED
   *   abandon(): any -> ABANDONED
   *
   * UNREGISTERED whose registration was once sent must be cancelled too: the server may hold a
   * lease although the response was lost. Any other response to a heartbeat, or none, leaves ALIVE
   * unchanged: a lease lasts for several intervals, and the next heartbeat detects a lost lease.
   *
   * Confined to one event loop, except state() and listeners().registered(), which are thread-safe:
   * the state is volatile.
   */
  /** Limit per interval: a failing server loses several connections, and a heartbeat with each. */
  static final int BEAT_RETRIES_MAX = 3;

  /**
   * Limit per interval for heartbeats that the server has not processed, which cost it nothing. A
   * server that closes connections without notice leaves several of them in a row unprocessed.
   */
  static final int UNPROCESSED_MAX = 16;

  private static final int OK = 200;
  private static final int NOT_FOUND = 404;

  /*
   * The encoded requests, read by the encoders. They are fields of the session, not an object of
   * their own, since each memory access of a heartbeat matters when the sessions exceed the caches.
   *
   * Heartbeats carry the timestamp and the status that the server has accepted. The server responds
   * with 404 to a timestamp newer than its own (spec §2.2 row 6) and with 200 to an older one (row
   * 7), so heartbeats continue while a newer document is in flight.
   */

  /** {@code APP/id}, percent-encoded, then the dirty timestamp that the server has accepted. */
  byte[] target;

  final short appBytes;
  final short pathBytes;

  /** The query up to the timestamp; shared by all sessions of one status. */
  byte[] query;

  /** The query for the document sent last. */
  private byte[] sentQuery;

  /** The dirty timestamp of the document sent last, epoch ms. */
  private long lastDirtyMs;

  /* Owned by the timer wheel: the next session of the bucket, and ticks since the wheel's origin. */
  @Nullable
  Session wheelNext;

  int intervalTicks;
  long baseTick;
  long dueTick;

  /** The handle of the lease for frames; null if none is known. */
  private @Nullable LeaseHandle handle;

  /** Index in the session set. */
  private int index;

  /** Index of the session's own connection, where each instance uses one; 0 or more. */
  private int connectionIndex;

  private final ChangeAttempts attempts = new ChangeAttempts();

  /** The supplier of the document that the server has accepted, or of the first one. */
  private InstanceSupplier source;

  /** Updates that the server has not accepted; null if there are none. */
  private @Nullable PendingUpdates updates;

  private final SessionListeners listeners;

  /** Copied from the listeners, so that most heartbeats do not load them. */
  private final boolean hasListener;

  private volatile SessionState state = SessionState.UNREGISTERED;
  private boolean wasSent;
  private boolean mustCancel;

  /** From due until answered or failed. */
  private boolean isBeatPending;

  /** Number of times the heartbeat of this interval was sent again. */
  private byte beatResends;

  private long beatDueNs;

  private Session(InstanceSupplier source, InstanceInfo instance, SessionListeners listeners) {
    target = RequestTarget.path(instance);
    appBytes = (short) RequestTarget.appBytes(target);
    pathBytes = (short) target.length;
    query = RequestTarget.query(instance.status());
    sentQuery = query;
    this.source = source;
    this.listeners = listeners;
    this.hasListener = listeners.hasListener();
  }

  /**
   * Creates an unregistered session.
   *
   * @param instance a document of the supplier, for the fields that never change
   * @param own listener of this session, or null
   * @param all listener of every session, or null
   * @throws IllegalArgumentException if application or id is empty, or their path too long
   */
  public static Session of(
      InstanceSupplier source,
      InstanceInfo instance,
      @Nullable GuardedListener own,
      @Nullable GuardedListener all) {
    return new Session(source, instance, new SessionListeners(instance, own, all));
  }

  public int index() {
    return index;
  }

  public void index(int index) {
    this.index = index;
  }

  public int connectionIndex() {
    return connectionIndex;
  }

  public void connectionIndex(int connectionIndex) {
    this.connectionIndex = connectionIndex;
  }

  /** Returns the handle of the lease for frames, or null if none is known. */
  public @Nullable LeaseHandle handle() {
    return handle;
  }

  public void handle(@Nullable LeaseHandle newHandle) {
    handle = newHandle;
  }

  /** Returns the dirty timestamp of the document sent last, epoch ms. */
  long lastDirtyMs() {
    return lastDirtyMs;
  }

  /** Returns the number of consecutive failed attempts of the pending change, at most 30. */
  public int attempts() {
    return attempts.failed();
  }

  /** Ends the delay of a deferred change; returns whether it must be queued. */
  public boolean retry() {
    return attempts.resume();
  }

  /** Returns whether an unprocessed change may be sent again at once. */
  public boolean mayResend() {
    return attempts.mayResend();
  }

  /** Returns the futures and listeners. */
  public SessionListeners listeners() {
    return listeners;
  }

  /** Returns a future that completes when the session has ended. */
  public CompletableFuture<Void> ended() {
    CompletableFuture<Void> ended = listeners.ended();
    completeIfEnded();
    return ended;
  }

  /** Returns the state visible to the application. Thread-safe. */
  public RegistrationState state() {
    return state.reported();
  }

  public boolean isAlive() {
    return state.isAlive();
  }

  public boolean isEnded() {
    return state.isEnded();
  }

  /** Returns the due time of the pending heartbeat, monotonic. */
  public long beatDueNs() {
    return beatDueNs;
  }

  /** Handles a due time of the timer wheel. */
  public SessionAction due(long dueNs) {
    if (!isAlive()) {
      return SessionAction.NOTHING;
    }
    if (isBeatPending) {
      return SessionAction.SKIP;
    }
    beatResends = 0;
    return beat(dueNs);
  }

  private SessionAction beat(long dueNs) {
    isBeatPending = true;
    beatDueNs = dueNs;
    return SessionAction.BEAT;
  }

  /** Sends a failed heartbeat again, unless the limit of this interval is reached. */
  public SessionAction retryBeat(long nowNs) {
    if (!isAlive() || isBeatPending || beatResends >= BEAT_RETRIES_MAX) {
      return SessionAction.NOTHING;
    }
    beatResends++;
    return beat(nowNs);
  }

  /** Begins the first registration. */
  public SessionAction begin() {
    return attempts.begin();
  }

  /** Returns the type of the queued change; null if it is no longer needed. */
  public @Nullable RequestType nextChange() {
    return switch (state) {
      case UNREGISTERED, LOST, ALIVE -> RequestType.REGISTER;
      case CANCELLING -> RequestType.CANCEL;
      case REGISTERING, UPDATING, RETURNING, CANCELLED, REJECTED, ABANDONED -> null;
    };
  }

  /** Returns the type of the change in flight. */
  public RequestType inFlightChange() {
    return state == SessionState.CANCELLING ? RequestType.CANCEL : RequestType.REGISTER;
  }

  /** Adds an update; the future completes when the server has accepted it. */
  public SessionAction update(
      UnaryOperator<InstanceSupplier> change, CompletableFuture<Void> done) {
    if (isEnded() || mustCancel || state == SessionState.CANCELLING) {
      done.cancel(false);
      return SessionAction.NOTHING;
    }
    PendingUpdates pending = updates == null ? new PendingUpdates(source) : updates;
    pending.add(change, done);
    if (!pending.isWaiting()) {
      return SessionAction.NOTHING;
    }
    updates = pending;
    return attempts.begin();
  }

  /** Returns the document of a registration that is being sent. */
  public InstanceInfo register(long wallMs) {
    state = state.sent();
    wasSent = true;
    // A registration must be newer than all heartbeats, regardless of the wall clock.
    lastDirtyMs = Math.max(wallMs, lastDirtyMs + 1);
    InstanceSupplier supplier = updates == null ? source : updates.send();
    InstanceInfo instance = supplier.instance(lastDirtyMs);
    sentQuery = RequestTarget.query(instance.status());
    return instance;
  }

  /** Handles the response to a heartbeat, which may have been sent before the last change. */
  public SessionAction beatAnswered(int response, long answeredNs) {
    isBeatPending = false;
    if (response == OK) {
      if (hasListener) {
        listeners.renewed(answeredNs);
      }
      return SessionAction.NOTHING;
    }
    return response == NOT_FOUND && isAlive() ? lost() : SessionAction.NOTHING;
  }

  private SessionAction lost() {
    handle = null;
    state = state == SessionState.UPDATING ? SessionState.RETURNING : SessionState.LOST;
    listeners.report(RegistrationEvent.Lost::new);
    return state == SessionState.LOST ? attempts.beginNow() : SessionAction.NOTHING;
  }

  /**
   * Handles an unprocessed heartbeat. It keeps its due time, unless the limit of this interval is
   * reached.
   */
  public SessionAction beatUnprocessed(long dueNs) {
    boolean isCurrent = isBeatPending && beatDueNs == dueNs;
    if (!isAlive() || !isCurrent || beatResends >= UNPROCESSED_MAX) {
      return SessionAction.NOTHING;
    }
    beatResends++;
    return SessionAction.BEAT;
  }

  /** Handles a heartbeat that failed or will not be sent. */
  public void beatFailed() {
    isBeatPending = false;
  }

  /** Handles an accepted registration. */
  public SessionAction registerAccepted(long answeredNs) {
    attempts.ended();
    attempts.accepted();
    SessionState before = state.unsent();
    state = SessionState.ALIVE;
    target = RequestTarget.withTimestamp(target, pathBytes, lastDirtyMs);
    query = sentQuery;
    listeners.accepted(answeredNs);
    if (before == SessionState.UNREGISTERED) {
      listeners.report(RegistrationEvent.Registered::new);
      listeners.registered().complete(null);
    } else if (before == SessionState.LOST) {
      listeners.report(RegistrationEvent.Reregistered::new);
    }
    if (updates != null) {
      acceptUpdates(updates);
    }
    return mustCancel ? cancelNow() : beginIfUpdates();
  }

  private void acceptUpdates(PendingUpdates pending) {
    source = pending.accepted();
    updates = pending.isWaiting() ? pending : null;
    if (pending.isInFlight()) {
      listeners.report(RegistrationEvent.Updated::new);
      pending.completeInFlight();
    }
  }

  private SessionAction beginIfUpdates() {
    return updates == null ? SessionAction.NOTHING : attempts.begin();
  }

  /**
   * Handles a rejected document. If it carried updates, these fail and the previous document
   * remains; if a document was accepted before, the registration is retried; otherwise the session
   * ends.
   *
   * @param text the beginning of the response body
   */
  public SessionAction registerRejected(int response, String text, Throwable cause) {
    return rejected(response, text, cause, state == SessionState.REGISTERING);
  }

  /** Handles an exception of the supplier as a rejected document. */
  public SessionAction registerUnavailable(Throwable cause) {
    return rejected(0, cause.toString(), cause, state == SessionState.REGISTERING);
  }

  private SessionAction rejected(
      int response, String text, Throwable cause, boolean wasNeverAccepted) {
    attempts.ended();
    PendingUpdates pending = updates;
    boolean isFinal = pending == null && wasNeverAccepted && !mustCancel;
    state = isFinal ? SessionState.REJECTED : state.unsent();
    listeners.report(instance -> new RegistrationEvent.Rejected(instance, response, text, isFinal));
    if (isFinal) {
      listeners.registered().completeExceptionally(cause);
      return SessionAction.END;
    }
    if (pending != null) {
      updates = pending.isWaiting() ? pending : null;
      pending.failInFlight(cause);
    }
    if (mustCancel) {
      return cancelNow();
    }
    if (pending == null) {
      return attempts.retry(false);
    }
    return state == SessionState.ALIVE ? beginIfUpdates() : attempts.begin();
  }

  /**
   * Handles a registration that failed without a decision on the document.
   *
   * @param isLost whether its connection was lost
   */
  public SessionAction registerFailed(boolean isLost) {
    registrationFailed();
    return mustCancel ? cancelNow() : attempts.retry(isLost);
  }

  /** Handles an unprocessed registration. */
  public SessionAction registerUnprocessed() {
    registrationFailed();
    return mustCancel ? cancelNow() : attempts.resend();
  }

  private void registrationFailed() {
    attempts.ended();
    state = state.unsent();
    if (updates != null) {
      updates.requeue();
    }
  }

  /** Cancels the instance; {@link #ended} completes when done. */
  public SessionAction cancel() {
    return switch (state) {
      case UNREGISTERED -> wasSent ? cancelNow() : endNow();
      case ALIVE, LOST -> cancelNow();
      case REGISTERING, UPDATING, RETURNING -> {
        mustCancel = true;
        yield SessionAction.NOTHING;
      }
      case CANCELLING, CANCELLED, REJECTED, ABANDONED -> SessionAction.NOTHING;
    };
  }

  /** Handles the response to a cancel; 404 means that the lease had ended before. */
  public SessionAction cancelAnswered(int response) {
    attempts.ended();
    return response == OK || response == NOT_FOUND ? endNow() : attempts.retry(false);
  }

  /** Handles a cancel without a response. */
  public SessionAction cancelFailed(boolean isLost) {
    attempts.ended();
    return attempts.retry(isLost);
  }

  /** Handles an unprocessed cancel. */
  public SessionAction cancelUnprocessed() {
    attempts.ended();
    return attempts.resend();
  }

  private SessionAction cancelNow() {
    state = SessionState.CANCELLING;
    return attempts.beginNow();
  }

  private SessionAction endNow() {
    state = SessionState.CANCELLED;
    listeners.report(RegistrationEvent.Cancelled::new);
    return SessionAction.END;
  }

  /** Ends the session since the client is closed. */
  public void abandon() {
    if (!isEnded()) {
      state = SessionState.ABANDONED;
      listeners.report(RegistrationEvent.Abandoned::new);
      completeIfEnded();
    }
  }

  /** Completes the futures if the session has ended. */
  public void completeIfEnded() {
    if (isEnded()) {
      listeners.complete(state());
      if (updates != null) {
        updates.cancel();
      }
    }
  }
}
