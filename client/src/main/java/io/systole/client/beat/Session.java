// SPDX-License-Identifier: Apache-2.0
package io.systole.client.beat;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The life of one instance with its server. A state machine without hands: it is told what happened
 * and says what to do next; the event loop does it.
 */
public final class Session {
  /*
   *                           sent              200, 204
   *   --> UNREGISTERED ------------> REGISTERING -------------> ALIVE
   *        |    ^   ^                 |   |   |                 |  |
   *        |    |   +-- lost, 5xx ----+   |   +- 4xx, never     |  |
   *        |    |                         |      alive -> REFUSED  |
   *        |    +-------------------------|---- beat: 404 ------+  |
   *        | cancel()                     | cancel(), then any     | cancel()
   *        | and never sent               | answer or none         |
   *        v                              v                        v
   *      CANCELLED <---- 200, 404 ---- CANCELLING <----------------+
   *
   * UNREGISTERED whose registration was once sent goes to CANCELLING as well: the server may hold a
   * lease that nobody told us of. Any other answer to a beat, or none, leaves ALIVE as it is: the
   * lease lives for many intervals, and the next beat will tell.
   *
   * A change (registration, cancel) that got no answer asks again at once, since the connection's own
   * delays pace it; one that got the wrong answer waits for its next turn of the wheel.
   *
   * All calls come from one event loop. The wheel's fields are the wheel's.
   */
  enum State {
    UNREGISTERED,
    REGISTERING,
    ALIVE,
    CANCELLING,
    CANCELLED,
    REFUSED
  }

  /** What the event loop is to do next. */
  public enum Step {
    NOTHING,
    /** Queue a beat. */
    BEAT,
    /** The beat that is due must be skipped, for the one before it is still under way. */
    SKIP,
    /** Queue the change, a registration or a cancel; {@link #nextChange()} tells which. */
    CHANGE,
    /** Forget the session. */
    END
  }

  private static final int OK = 200;
  private static final int NO_CONTENT = 204;
  private static final int REQUEST_TIMEOUT = 408;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int NOT_FOUND = 404;

  private final InstanceSource source;
  private final CompletableFuture<Void> registered = new CompletableFuture<>();
  private @Nullable CompletableFuture<Void> cancelled;

  private State state = State.UNREGISTERED;
  private boolean wasSent;
  private boolean wasAlive;
  private boolean mustCancel;

  /** From due until answered or failed. */
  private boolean isBeatPending;

  /** From queued until answered or failed. */
  private boolean isChangePending;

  private long lastDirtyMs;
  private long beatDueNs;

  /** Application and id as in the path, then the dirty timestamp; see {@link BeatFrame}. */
  byte[] target;

  final short appBytes;
  final short pathBytes;

  /** Shared by all sessions of one status. */
  final byte[] query;

  /** Where the session stands in its loop's list. */
  private int index;

  /* The wheel's: the chain of a bucket, and ticks since the wheel began. */
  @Nullable
  Session wheelNext;

  int intervalTicks;
  long baseTick;
  long dueTick;

  private Session(InstanceSource source, BeatFrame.Target target, InstanceStatus status) {
    this.source = source;
    this.target = BeatFrame.ascii(target.path());
    this.appBytes = (short) target.appBytes();
    this.pathBytes = (short) target.path().length();
    this.query = BeatFrame.query(status);
  }

  /**
   * Makes an unregistered session.
   *
   * @param instance a document of the source, for the members that never change
   * @throws IllegalArgumentException when application or id is empty, or their path too long
   */
  public static Session of(InstanceSource source, InstanceInfo instance) {
    return new Session(source, BeatFrame.target(instance.app(), instance.id()), instance.status());
  }

  /** Completes when the server has accepted the instance for the first time. */
  public CompletableFuture<Void> registered() {
    return registered;
  }

  /** Completes when the session has ended; made by the first who asks. */
  public CompletableFuture<Void> cancelled() {
    if (cancelled == null) {
      cancelled = isEnded() ? CompletableFuture.completedFuture(null) : new CompletableFuture<>();
    }
    return cancelled;
  }

  /** Tells whoever waits for it that the session has ended. */
  public void tellEnd() {
    registered.cancel(false);
    if (cancelled != null) {
      cancelled.complete(null);
    }
  }

  /** Tells whoever waits that nobody will bring this session to its end any more. */
  public void abandon() {
    registered.cancel(false);
    if (cancelled != null) {
      cancelled.cancel(false);
    }
  }

  public boolean isAlive() {
    return state == State.ALIVE;
  }

  public boolean isEnded() {
    return state == State.CANCELLED || state == State.REFUSED;
  }

  /** Returns the time the pending beat came due, monotonic. */
  public long beatDueNs() {
    return beatDueNs;
  }

  public int index() {
    return index;
  }

  public void index(int index) {
    this.index = index;
  }

  long lastDirtyMs() {
    return lastDirtyMs;
  }

  State state() {
    return state;
  }

  /** The wheel has come round to this session. */
  public Step due(long dueNs) {
    return switch (state) {
      case ALIVE -> beatDue(dueNs);
      case UNREGISTERED, CANCELLING -> change();
      case REGISTERING, CANCELLED, REFUSED -> Step.NOTHING;
    };
  }

  private Step beatDue(long dueNs) {
    if (isBeatPending) {
      return Step.SKIP;
    }
    isBeatPending = true;
    beatDueNs = dueNs;
    return Step.BEAT;
  }

  /** Begins the life of the session. */
  public Step begin() {
    return change();
  }

  private Step change() {
    if (isChangePending) {
      return Step.NOTHING;
    }
    isChangePending = true;
    return Step.CHANGE;
  }

  /** Returns what the queued change has come to mean; null when nothing is left to ask. */
  public @Nullable Ask nextChange() {
    return switch (state) {
      case UNREGISTERED -> Ask.REGISTER;
      case CANCELLING -> Ask.CANCEL;
      case REGISTERING, ALIVE, CANCELLED, REFUSED -> null;
    };
  }

  /**
   * Makes the document of a registration that is being sent, with a dirty timestamp larger than any
   * before: the server answers 404 to beats that are ahead of what it holds (spec §2.2 row 6), so a
   * new registration must be ahead of every beat.
   */
  public InstanceInfo register(long wallMs) {
    lastDirtyMs = Math.max(wallMs, lastDirtyMs + 1);
    InstanceInfo instance = source.instance(lastDirtyMs);
    target = BeatFrame.withTimestamp(target, pathBytes, lastDirtyMs);
    state = State.REGISTERING;
    wasSent = true;
    return instance;
  }

  /** A beat was answered, which may have been sent before the last change. */
  public Step beatAnswered(int answer) {
    isBeatPending = false;
    if (answer != NOT_FOUND || state != State.ALIVE) {
      return Step.NOTHING;
    }
    state = State.UNREGISTERED;
    return change();
  }

  /** A beat got no answer, or will not be sent. */
  public void beatFailed() {
    isBeatPending = false;
  }

  /** The registration was answered. */
  public Step registerAnswered(int answer) {
    isChangePending = false;
    if (mustCancel) {
      return cancelNow();
    }
    if (isAcceptance(answer)) {
      state = State.ALIVE;
      wasAlive = true;
      return Step.NOTHING;
    }
    if (isFinalRefusal(answer) && !wasAlive) {
      state = State.REFUSED;
      return Step.END;
    }
    state = State.UNREGISTERED;
    return Step.NOTHING;
  }

  /** The registration got no answer. */
  public Step registerFailed() {
    isChangePending = false;
    if (mustCancel) {
      return cancelNow();
    }
    state = State.UNREGISTERED;
    return change();
  }

  /** The document could not be made: there is nothing to say to a server. */
  public Step registerImpossible() {
    isChangePending = false;
    state = State.REFUSED;
    return Step.END;
  }

  /** The instance is to end; {@link #cancelled} tells when it has. */
  public Step cancel() {
    return switch (state) {
      case UNREGISTERED -> wasSent ? cancelNow() : endNow();
      case ALIVE -> cancelNow();
      case REGISTERING -> {
        mustCancel = true;
        yield Step.NOTHING;
      }
      case CANCELLING -> Step.NOTHING;
      case CANCELLED, REFUSED -> Step.END;
    };
  }

  /** The cancel was answered; 404 says that the lease had ended before. */
  public Step cancelAnswered(int answer) {
    isChangePending = false;
    return answer == OK || answer == NOT_FOUND ? endNow() : Step.NOTHING;
  }

  /** The cancel got no answer. */
  public Step cancelFailed() {
    isChangePending = false;
    return change();
  }

  private Step cancelNow() {
    state = State.CANCELLING;
    return change();
  }

  private Step endNow() {
    state = State.CANCELLED;
    return Step.END;
  }

  /** Says whether the answer to a registration means that the server holds a lease now. */
  public static boolean isAcceptance(int answer) {
    return answer == OK || answer == NO_CONTENT;
  }

  /** The server has read the document and said no; the same document would get the same answer. */
  private static boolean isFinalRefusal(int answer) {
    return answer >= 400
        && answer < 500
        && answer != REQUEST_TIMEOUT
        && answer != TOO_MANY_REQUESTS;
  }
}
