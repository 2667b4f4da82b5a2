// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

import io.systole.protocol.model.InstanceInfo;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The life of one instance with its server. A state machine without hands: it is told what happened
 * and says what to do next; the event loop does it.
 */
public final class Session extends Errand {
  /*
   *                              sent               200, 204             news sent
   *   --> UNREGISTERED -------------> REGISTERING ----------> ALIVE --------------------> UPDATING
   *           ^                        |   |                  |  ^                         |  |
   *           +------ lost, 5xx -------+   +- 4xx -> REFUSED  |  +--- any answer, lost ----+  |
   *                                                 beat: 404 |                     beat: 404 |
   *                              sent                         v                               v
   *         RETURNING <------------------------------------ LOST          to RETURNING <------+
   *           |  |                                            ^
   *           |  +----- 4xx, 5xx, lost -----------------------+
   *           +-------- 200, 204 -> ALIVE
   *
   *   cancel():  while a registration is under way, after its answer or loss      200, 404
   *              UNREGISTERED and never sent -> CANCELLED;  else -> CANCELLING ------------> CANCELLED
   *   abandon(): any -> ABANDONED
   *
   * UNREGISTERED whose registration was once sent must be cancelled too: the server may hold a lease
   * that nobody told us of. Any other answer to a beat, or none, leaves ALIVE as it is: the lease
   * lives for many intervals, and the next beat will tell.
   *
   * All calls come from one event loop, but for state() and audience().registered(),
   * which any thread may call: the state is volatile.
   */
  /** A server that dies loses one connection after the other, and a beat with more than one. */
  static final int BEATS_AGAIN_MAX = 3;

  private static final int OK = 200;
  private static final int NOT_FOUND = 404;

  /** Where the documents come from: what the server has accepted, unless it never did. */
  private InstanceSupplier source;

  /** What the server has yet to accept; null when nothing. */
  private @Nullable PendingUpdates updates;

  private final SessionListeners listeners;

  /** Of the audience; kept here so that most heartbeats do without it. */
  private final boolean isWatched;

  private volatile SessionState state = SessionState.UNREGISTERED;
  private boolean wasSent;
  private boolean mustCancel;

  /** From due until answered or failed. */
  private boolean isBeatPending;

  /** How often the beat of this turn was sent again. */
  private byte beatsAgain;

  private long beatDueNs;

  private Session(InstanceSupplier source, InstanceInfo instance, SessionListeners listeners) {
    super(instance);
    this.source = source;
    this.listeners = listeners;
    this.isWatched = listeners.isWatched();
  }

  /**
   * Makes an unregistered session.
   *
   * @param instance a document of the source, for the members that never change
   * @param own hears of this session, or null
   * @param all hears of every session, or null
   * @throws IllegalArgumentException when application or id is empty, or their path too long
   */
  public static Session of(
      InstanceSupplier source,
      InstanceInfo instance,
      @Nullable GuardedListener own,
      @Nullable GuardedListener all) {
    return new Session(source, instance, new SessionListeners(instance, own, all));
  }

  /** Returns who waits and listens. */
  public SessionListeners listeners() {
    return listeners;
  }

  /** Completes when the session has ended. */
  public CompletableFuture<Void> ended() {
    CompletableFuture<Void> ended = listeners.ended();
    reportIfEnded();
    return ended;
  }

  /** Returns what the instance is; any thread. */
  public RegistrationState state() {
    return state.reported();
  }

  public boolean isAlive() {
    return state.isAlive();
  }

  public boolean isEnded() {
    return state.isEnded();
  }

  /** Returns the time the pending beat came due, monotonic. */
  public long beatDueNs() {
    return beatDueNs;
  }

  /** The wheel has come round to this session. */
  public SessionAction due(long dueNs) {
    if (!isAlive()) {
      return SessionAction.NOTHING;
    }
    if (isBeatPending) {
      return SessionAction.SKIP;
    }
    beatsAgain = 0;
    return beat(dueNs);
  }

  private SessionAction beat(long dueNs) {
    isBeatPending = true;
    beatDueNs = dueNs;
    return SessionAction.BEAT;
  }

  /** The beat has come to nothing, and is sent again unless it was so too often in this turn. */
  public SessionAction beatAgain(long nowNs) {
    if (!isAlive() || isBeatPending || beatsAgain >= BEATS_AGAIN_MAX) {
      return SessionAction.NOTHING;
    }
    beatsAgain++;
    return beat(nowNs);
  }

  /** Begins the life of the session. */
  public SessionAction begin() {
    return ask();
  }

  /** Returns what the queued change has come to mean; null when nothing is left to ask. */
  public @Nullable RequestType nextChange() {
    return switch (state) {
      case UNREGISTERED, LOST, ALIVE -> RequestType.REGISTER;
      case CANCELLING -> RequestType.CANCEL;
      case REGISTERING, UPDATING, RETURNING, CANCELLED, REFUSED, ABANDONED -> null;
    };
  }

  /** Returns what the change asks that is under way. */
  public RequestType underWay() {
    return state == SessionState.CANCELLING ? RequestType.CANCEL : RequestType.REGISTER;
  }

  /** Changes what the instance says of itself; the future completes when the server knows. */
  public SessionAction update(
      UnaryOperator<InstanceSupplier> change, CompletableFuture<Void> done) {
    if (isEnded() || mustCancel || state == SessionState.CANCELLING) {
      done.cancel(false);
      return SessionAction.NOTHING;
    }
    PendingUpdates news = updates == null ? new PendingUpdates(source) : updates;
    news.add(change, done);
    if (!news.isWaiting()) {
      return SessionAction.NOTHING;
    }
    updates = news;
    return ask();
  }

  /** Makes the document of a registration that is being sent. */
  public InstanceInfo register(long wallMs) {
    state = state.sent();
    wasSent = true;
    return speak(updates == null ? source : updates.send(), wallMs);
  }

  /** A beat was answered, which may have been sent before the last change. */
  public SessionAction beatAnswered(int response, long answeredNs) {
    isBeatPending = false;
    if (response == OK) {
      if (isWatched) {
        listeners.renewed(answeredNs);
      }
      return SessionAction.NOTHING;
    }
    return response == NOT_FOUND && isAlive() ? lost() : SessionAction.NOTHING;
  }

  private SessionAction lost() {
    state = state == SessionState.UPDATING ? SessionState.RETURNING : SessionState.LOST;
    listeners.report(RegistrationEvent.Lost::new);
    return state == SessionState.LOST ? askNow() : SessionAction.NOTHING;
  }

  /**
   * A beat was not processed, for its connection was closed in good order before its turn. It keeps
   * its due time, unless it was sent too often.
   */
  public SessionAction beatUnprocessed(long dueNs) {
    boolean isOfThisTurn = isBeatPending && beatDueNs == dueNs;
    if (!isAlive() || !isOfThisTurn || beatsAgain >= BEATS_AGAIN_MAX) {
      return SessionAction.NOTHING;
    }
    beatsAgain++;
    return SessionAction.BEAT;
  }

  /** A beat got no answer, or will not be sent. */
  public void beatFailed() {
    isBeatPending = false;
  }

  /** The server has accepted the registration, by an answer that came at this moment. */
  public SessionAction registerAccepted(long answeredNs) {
    requested();
    granted();
    SessionState before = state.unsent();
    state = SessionState.ALIVE;
    spoken();
    listeners.accepted(answeredNs);
    if (before == SessionState.UNREGISTERED) {
      listeners.report(RegistrationEvent.Registered::new);
      listeners.registered().complete(null);
    } else if (before == SessionState.LOST) {
      listeners.report(RegistrationEvent.Reregistered::new);
    }
    if (updates != null) {
      updatesAccepted(updates);
    }
    return mustCancel ? cancelNow() : askForNews();
  }

  private void updatesAccepted(PendingUpdates news) {
    source = news.accepted();
    updates = news.isWaiting() ? news : null;
    if (news.isCarried()) {
      listeners.report(RegistrationEvent.Updated::new);
      news.reportAccepted();
    }
  }

  private SessionAction askForNews() {
    return updates == null ? SessionAction.NOTHING : ask();
  }

  /**
   * The server has refused the document. One with news in it gives way to the one before; one that
   * was accepted once is tried again; else there is nothing left to say.
   *
   * @param text the server's words
   */
  public SessionAction registerRefused(int response, String text, Throwable cause) {
    return refused(response, text, cause, state == SessionState.REGISTERING);
  }

  /** The document could not be made, which has the same effects as a document refused. */
  public SessionAction registerImpossible(Throwable cause) {
    return refused(0, cause.toString(), cause, state == SessionState.REGISTERING);
  }

  private SessionAction refused(int response, String text, Throwable cause, boolean isHopeless) {
    requested();
    PendingUpdates news = updates;
    boolean isFinal = news == null && isHopeless && !mustCancel;
    state = isFinal ? SessionState.REFUSED : state.unsent();
    listeners.report(instance -> new RegistrationEvent.Refused(instance, response, text, isFinal));
    if (isFinal) {
      listeners.registered().completeExceptionally(cause);
      return SessionAction.END;
    }
    if (news != null) {
      updates = news.isWaiting() ? news : null;
      news.reportRefused(cause);
    }
    if (mustCancel) {
      return cancelNow();
    }
    if (news == null) {
      return askAgain(false);
    }
    return state == SessionState.ALIVE ? askForNews() : ask();
  }

  /**
   * The registration got no answer, or none that says anything of the document.
   *
   * @param isLost its connection was lost, so the way to the server was at fault
   */
  public SessionAction registerFailed(boolean isLost) {
    registerUnsent();
    return mustCancel ? cancelNow() : askAgain(isLost);
  }

  /** The registration was not processed, for its connection was closed in good order before. */
  public SessionAction registerUnprocessed() {
    registerUnsent();
    return mustCancel ? cancelNow() : resend();
  }

  private void registerUnsent() {
    requested();
    state = state.unsent();
    if (updates != null) {
      updates.unsent();
    }
  }

  /** The instance is to end; {@link #ended} tells when it has. */
  public SessionAction cancel() {
    return switch (state) {
      case UNREGISTERED -> wasSent ? cancelNow() : endNow();
      case ALIVE, LOST -> cancelNow();
      case REGISTERING, UPDATING, RETURNING -> {
        mustCancel = true;
        yield SessionAction.NOTHING;
      }
      case CANCELLING, CANCELLED, REFUSED, ABANDONED -> SessionAction.NOTHING;
    };
  }

  /** The cancel was answered; 404 says that the lease had ended before. */
  public SessionAction cancelAnswered(int response) {
    requested();
    return response == OK || response == NOT_FOUND ? endNow() : askAgain(false);
  }

  /** The cancel got no answer. */
  public SessionAction cancelFailed(boolean isLost) {
    requested();
    return askAgain(isLost);
  }

  /** The cancel was not processed, for its connection was closed in good order before. */
  public SessionAction cancelUnprocessed() {
    requested();
    return resend();
  }

  private SessionAction cancelNow() {
    state = SessionState.CANCELLING;
    return askNow();
  }

  private SessionAction endNow() {
    state = SessionState.CANCELLED;
    listeners.report(RegistrationEvent.Cancelled::new);
    return SessionAction.END;
  }

  /** Nobody will bring this session to its end any more. */
  public void abandon() {
    if (!isEnded()) {
      state = SessionState.ABANDONED;
      listeners.report(RegistrationEvent.Abandoned::new);
      reportIfEnded();
    }
  }

  /** Tells whoever waits for it that the session has ended, once it has. */
  public void reportIfEnded() {
    if (isEnded()) {
      listeners.reportEnd(state());
      if (updates != null) {
        updates.cancel();
      }
    }
  }
}
