// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import java.util.concurrent.TimeUnit;

/**
 * The idle, request, write and response timeouts of one connection. Records start times and reports
 * the timeout that has passed; the handler closes the connection. Confined to the connection's
 * loop.
 */
final class ConnectionTimeouts {
  /** The timeout that has passed. */
  enum TimeoutKind {
    NONE,
    /** No request was received. */
    IDLE,
    /** A request was not completely received. */
    SLOW_REQUEST,
    /** Responses are not read. */
    SLOW_READER,
    /** The lingering close has ended. */
    LINGERED
  }

  /** The time during which a closing connection's input is still read. */
  private static final long LINGER_NS = TimeUnit.SECONDS.toNanos(2);

  /** Timer not running. Start times are at least 1. */
  private static final long NOT_RUNNING = 0;

  /** The delay of the next check when a deadline has passed without a timeout. */
  private static final long RECHECK_NS = TimeUnit.SECONDS.toNanos(1);

  private final NetSettings settings;
  private final TimeoutWheel.WheelTimeout timeout;

  /** The time of the last input, of the last deferred response, or of the accept. */
  private long lastActiveNs;

  private long requestBeganNs = NOT_RUNNING;
  private long unwritableSinceNs = NOT_RUNNING;
  private long chunkPendingSinceNs = NOT_RUNNING;
  private long responseBeganNs = NOT_RUNNING;
  private long lingerUntilNs = NOT_RUNNING;

  /** @param timeout is advanced when a timer starts that ends before the next check */
  ConnectionTimeouts(NetSettings settings, TimeoutWheel.WheelTimeout timeout, long nowNs) {
    this.settings = settings;
    this.timeout = timeout;
    this.lastActiveNs = nowNs;
  }

  /** Returns the time of the last input, of the last deferred response, or of the accept. */
  long lastActiveNs() {
    return lastActiveNs;
  }

  void inputReceived(long nowNs) {
    lastActiveNs = nowNs;
  }

  /** Restarts the idle timer after a deferred response. */
  void responseCompleted(long nowNs) {
    lastActiveNs = nowNs;
  }

  /**
   * Starts, restarts or stops the request timer.
   *
   * @param isIncomplete whether a request is incomplete
   * @param isNew whether it began in this read
   */
  void updateRequest(boolean isIncomplete, boolean isNew, long nowNs) {
    if (!isIncomplete) {
      requestBeganNs = NOT_RUNNING;
    } else if (requestBeganNs == NOT_RUNNING || isNew) {
      requestBeganNs = Math.max(1, nowNs);
      timeout.rescheduleEarlier(after(requestBeganNs, settings.requestTimeoutMs()));
    }
  }

  void writable() {
    unwritableSinceNs = NOT_RUNNING;
  }

  void unwritable(long nowNs) {
    unwritableSinceNs = Math.max(1, nowNs);
    timeout.rescheduleEarlier(after(unwritableSinceNs, settings.writeTimeoutMs()));
  }

  /** Starts the write timer of a chunk that the socket did not accept at once. */
  void chunkPending(long nowNs) {
    chunkPendingSinceNs = Math.max(1, nowNs);
    timeout.rescheduleEarlier(after(chunkPendingSinceNs, settings.writeTimeoutMs()));
  }

  void chunkAccepted() {
    chunkPendingSinceNs = NOT_RUNNING;
  }

  /** Starts the timer of a streamed response of known length. */
  void responseBegan(long nowNs) {
    responseBeganNs = Math.max(1, nowNs);
    timeout.rescheduleEarlier(after(responseBeganNs, settings.responseTimeoutMs()));
  }

  void responseEnded() {
    responseBeganNs = NOT_RUNNING;
  }

  /** Starts the linger timer, or restarts it once the last response was sent. */
  void linger(long nowNs) {
    lingerUntilNs = Math.max(1, nowNs + LINGER_NS);
    timeout.rescheduleEarlier(lingerUntilNs);
  }

  boolean isLingering() {
    return lingerUntilNs != NOT_RUNNING;
  }

  /**
   * Returns the timeout that has passed, or NOTHING.
   *
   * @param isUnsent whether the socket has not accepted all responses yet
   * @param isResponsePending whether responses are pending
   */
  TimeoutKind expired(long nowNs, boolean isUnsent, boolean isResponsePending) {
    if (isLingering()) {
      boolean isCut = hasPassed(nowNs, lingerUntilNs, settings.writeTimeoutMs());
      return isCut || (nowNs > lingerUntilNs && !isUnsent)
          ? TimeoutKind.LINGERED
          : TimeoutKind.NONE;
    }
    if (isPast(chunkPendingSinceNs, nowNs, settings.writeTimeoutMs())
        || isPast(responseBeganNs, nowNs, settings.responseTimeoutMs())) {
      return TimeoutKind.SLOW_READER;
    }
    if (unwritableSinceNs != NOT_RUNNING) {
      return expired(TimeoutKind.SLOW_READER, nowNs, unwritableSinceNs, settings.writeTimeoutMs());
    }
    if (requestBeganNs != NOT_RUNNING) {
      return expired(TimeoutKind.SLOW_REQUEST, nowNs, requestBeganNs, settings.requestTimeoutMs());
    }
    if (isResponsePending) {
      return TimeoutKind.NONE;
    }
    return expired(TimeoutKind.IDLE, nowNs, lastActiveNs, settings.idleTimeoutMs());
  }

  /** Returns the next time at which a timeout may pass if nothing happens until then. */
  long nextCheckNs(long nowNs) {
    long nextNs = Long.MAX_VALUE;
    if (isLingering()) {
      nextNs = lingerUntilNs;
    } else {
      nextNs = Math.min(nextNs, after(lastActiveNs, settings.idleTimeoutMs()));
      nextNs = Math.min(nextNs, after(requestBeganNs, settings.requestTimeoutMs()));
      nextNs = Math.min(nextNs, after(unwritableSinceNs, settings.writeTimeoutMs()));
      nextNs = Math.min(nextNs, after(chunkPendingSinceNs, settings.writeTimeoutMs()));
      nextNs = Math.min(nextNs, after(responseBeganNs, settings.responseTimeoutMs()));
    }
    return nextNs < nowNs ? nowNs + RECHECK_NS : nextNs;
  }

  private static long after(long sinceNs, long timeoutMs) {
    return sinceNs == NOT_RUNNING
        ? Long.MAX_VALUE
        : sinceNs + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
  }

  private static TimeoutKind expired(TimeoutKind kind, long nowNs, long sinceNs, long timeoutMs) {
    return hasPassed(nowNs, sinceNs, timeoutMs) ? kind : TimeoutKind.NONE;
  }

  private static boolean isPast(long sinceNs, long nowNs, long timeoutMs) {
    return sinceNs != NOT_RUNNING && hasPassed(nowNs, sinceNs, timeoutMs);
  }

  private static boolean hasPassed(long nowNs, long sinceNs, long timeoutMs) {
    return nowNs - sinceNs > TimeUnit.MILLISECONDS.toNanos(timeoutMs);
  }
}
