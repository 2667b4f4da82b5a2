// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import java.util.concurrent.TimeUnit;

/**
 * How long a connection may keep its node waiting. It notes when things began and says when one of
 * them has taken too long; ending the connection is left to its handler. Used on its loop alone.
 */
final class ConnectionTimeouts {
  /** What has taken too long. */
  enum TimeoutKind {
    NOTHING,
    /** No request came. */
    IDLE,
    /** A request began to arrive and did not end. */
    SLOW_REQUEST,
    /** Answers are not read. */
    SLOW_READER,
    /** The connection has said its last, and its peer was given time to hear it. */
    LINGERED
  }

  /** How long a closing connection's input is still read. */
  private static final long LINGER_NS = TimeUnit.SECONDS.toNanos(2);

  /** Stands for a thing that doesn't go on; no clock says it but at its very start. */
  private static final long NEVER = 0;

  /** How soon a deadline that passed without a verdict is looked at again. */
  private static final long RECHECK_NS = TimeUnit.SECONDS.toNanos(1);

  private final NetSettings settings;
  private final TimeoutWheel.WheelTimeout<?> timeout;

  /** When the peer was last heard of: it said something, or was given what it waited for. */
  private long lastReceivedNs;

  private long requestBeganNs = NEVER;
  private long unwritableSinceNs = NEVER;
  private long chunkWaitsSinceNs = NEVER;
  private long responseBeganNs = NEVER;
  private long lingerUntilNs = NEVER;

  /** @param timeout is moved when something begins that ends sooner than its next check */
  ConnectionTimeouts(NetSettings settings, TimeoutWheel.WheelTimeout<?> timeout, long nowNs) {
    this.settings = settings;
    this.timeout = timeout;
    this.lastReceivedNs = nowNs;
  }

  /** When the peer last sent or got anything, or was accepted. */
  long lastReceivedNs() {
    return lastReceivedNs;
  }

  void inputCame(long nowNs) {
    lastReceivedNs = nowNs;
  }

  /** Notes that an answer was given which the peer may have waited for longer than an idle time. */
  void responseGiven(long nowNs) {
    lastReceivedNs = nowNs;
  }

  /**
   * Notes whether a request is in the middle of arriving.
   *
   * @param isAnother whether it isn't the one that was arriving before
   */
  void requestArrives(boolean isArriving, boolean isAnother, long nowNs) {
    if (!isArriving) {
      requestBeganNs = NEVER;
    } else if (requestBeganNs == NEVER || isAnother) {
      requestBeganNs = Math.max(1, nowNs);
      timeout.advance(after(requestBeganNs, settings.requestTimeoutMs()));
    }
  }

  void writable() {
    unwritableSinceNs = NEVER;
  }

  void unwritable(long nowNs) {
    unwritableSinceNs = Math.max(1, nowNs);
    timeout.advance(after(unwritableSinceNs, settings.writeTimeoutMs()));
  }

  /** Notes that the socket did not take a chunk of a long answer at once. */
  void chunkWaits(long nowNs) {
    chunkWaitsSinceNs = Math.max(1, nowNs);
    timeout.advance(after(chunkWaitsSinceNs, settings.writeTimeoutMs()));
  }

  void chunkTaken() {
    chunkWaitsSinceNs = NEVER;
  }

  /** Notes that an answer is being sent which the peer must have read within a bounded time. */
  void responseBegan(long nowNs) {
    responseBeganNs = Math.max(1, nowNs);
    timeout.advance(after(responseBeganNs, settings.responseTimeoutMs()));
  }

  void responseEnded() {
    responseBeganNs = NEVER;
  }

  /** Begins to wait for the peer to hear the last answer, or begins anew once it was sent. */
  void linger(long nowNs) {
    lingerUntilNs = Math.max(1, nowNs + LINGER_NS);
    timeout.advance(lingerUntilNs);
  }

  boolean isLingering() {
    return lingerUntilNs != NEVER;
  }

  /**
   * What has taken too long by now; of several the most pressing.
   *
   * @param isUnsent whether the socket has not taken all answers yet
   * @param isOwing whether answers are still being made
   */
  TimeoutKind kind(long nowNs, boolean isUnsent, boolean isOwing) {
    if (isLingering()) {
      boolean isCut = hasPassed(nowNs, lingerUntilNs, settings.writeTimeoutMs());
      return isCut || (nowNs > lingerUntilNs && !isUnsent)
          ? TimeoutKind.LINGERED
          : TimeoutKind.NOTHING;
    }
    if (isPast(chunkWaitsSinceNs, nowNs, settings.writeTimeoutMs())
        || isPast(responseBeganNs, nowNs, settings.responseTimeoutMs())) {
      return TimeoutKind.SLOW_READER;
    }
    if (unwritableSinceNs != NEVER) {
      return kind(TimeoutKind.SLOW_READER, nowNs, unwritableSinceNs, settings.writeTimeoutMs());
    }
    if (requestBeganNs != NEVER) {
      return kind(TimeoutKind.SLOW_REQUEST, nowNs, requestBeganNs, settings.requestTimeoutMs());
    }
    if (isOwing) {
      return TimeoutKind.NOTHING;
    }
    return kind(TimeoutKind.IDLE, nowNs, lastReceivedNs, settings.idleTimeoutMs());
  }

  /** The next time at which the verdict may be another, if nothing happens until then. */
  long nextCheckNs(long nowNs) {
    long nextNs = Long.MAX_VALUE;
    if (isLingering()) {
      nextNs = lingerUntilNs;
    } else {
      nextNs = Math.min(nextNs, after(lastReceivedNs, settings.idleTimeoutMs()));
      nextNs = Math.min(nextNs, after(requestBeganNs, settings.requestTimeoutMs()));
      nextNs = Math.min(nextNs, after(unwritableSinceNs, settings.writeTimeoutMs()));
      nextNs = Math.min(nextNs, after(chunkWaitsSinceNs, settings.writeTimeoutMs()));
      nextNs = Math.min(nextNs, after(responseBeganNs, settings.responseTimeoutMs()));
    }
    return nextNs < nowNs ? nowNs + RECHECK_NS : nextNs;
  }

  private static long after(long sinceNs, long timeoutMs) {
    return sinceNs == NEVER ? Long.MAX_VALUE : sinceNs + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
  }

  private static TimeoutKind kind(TimeoutKind kind, long nowNs, long sinceNs, long timeoutMs) {
    return hasPassed(nowNs, sinceNs, timeoutMs) ? kind : TimeoutKind.NOTHING;
  }

  private static boolean isPast(long sinceNs, long nowNs, long timeoutMs) {
    return sinceNs != NEVER && hasPassed(nowNs, sinceNs, timeoutMs);
  }

  private static boolean hasPassed(long nowNs, long sinceNs, long timeoutMs) {
    return nowNs - sinceNs > TimeUnit.MILLISECONDS.toNanos(timeoutMs);
  }
}
