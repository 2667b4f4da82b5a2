// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import io.systole.client.api.ServerState;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** The health of one server as seen by one event loop. */
final class ServerHealth {
  /*
   *            failure or Retry-After
   *   READY ---------------------------> WAITING (until a time)
   *      ^  <------- that time ---------    |
   *      |                                  | success
   *      +----------------------------------+
   *
   * Failures count until the next success: each consecutive one doubles the delay before the server
   * is tried again. Returning to a server that was left has a separate, far longer delay. That
   * delay doubles when the server accepted connections but never succeeded, since each such return
   * costs a response timeout.
   */
  private static final int RETURN_FACTOR_MAX = 16;

  private final ServerAddress address;
  private final Zone zone;
  private final int rank;
  private final HealthSettings settings;
  private final Backoff attempts;
  private final Backoff returns;
  private final PipelineDepth depth = new PipelineDepth();

  private boolean hasFailures;
  private int failuresInRow;
  private int refusalsInRow;
  private int overdueInRow;

  /** Monotonic; valid while isWaiting. */
  private long waitUntilNs;

  private boolean isWaiting;
  private long returnFromNs;
  private boolean isReturnDelayed;

  /** Monotonic; valid if hasMembersDelay. */
  private long membersFromNs;

  private boolean hasMembersDelay;

  private long failures;
  private String lastLoss = "";
  private String lastRefusal = "";

  /** @param rank of its zone, 0 for the most preferred */
  ServerHealth(
      ServerAddress address,
      Zone zone,
      int rank,
      HealthSettings settings,
      SplittableRandom random) {
    this.address = address;
    this.zone = zone;
    this.rank = rank;
    this.settings = settings;
    this.attempts = new Backoff(settings.reconnectMinMs(), settings.reconnectMaxMs(), random);
    long returnDelayMs = Math.max(1, settings.returnDelayMs());
    this.returns = new Backoff(returnDelayMs, RETURN_FACTOR_MAX * returnDelayMs, random);
  }

  ServerAddress address() {
    return address;
  }

  String zoneName() {
    return zone.name();
  }

  ServerState state(long nowNs, long wallMs, boolean isInUse) {
    long waitNs = waitNs(nowNs);
    long untilMs = waitNs == 0 ? 0 : wallMs + TimeUnit.NANOSECONDS.toMillis(waitNs);
    return new ServerState(
        address.url(), zone.name(), isInUse ? 1 : 0, failures, lastLoss, untilMs);
  }

  int rank() {
    return rank;
  }

  int failuresInRow() {
    return failuresInRow;
  }

  /** Records the reason why a connection ended, which need not be a failure of the server. */
  void connectionLost(String cause) {
    lastLoss = cause;
  }

  /** Records a failed attempt to connect. */
  void unreachable(String cause, long nowNs) {
    returns.reset();
    failed(cause, nowNs, attempts.nextMs());
  }

  /** Records that the server in use was lost, or was left since it is overloaded. */
  void lost(String cause, long nowNs) {
    failed(cause, nowNs, attempts.nextMs());
  }

  private void failed(String cause, long nowNs, long waitMs) {
    hasFailures = true;
    failures++;
    failuresInRow++;
    refusalsInRow = 0;
    overdueInRow = 0;
    lastLoss = cause;
    delay(waitMs, nowNs);
    isReturnDelayed = true;
    returnFromNs = nowNs + TimeUnit.MILLISECONDS.toNanos(returns.nextMs());
  }

  /** Delays the next attempt; never shortens an existing delay. */
  private void delay(long ms, long nowNs) {
    long untilNs = nowNs + TimeUnit.MILLISECONDS.toNanos(ms);
    if (!isWaiting || untilNs - waitUntilNs > 0) {
      waitUntilNs = untilNs;
    }
    isWaiting = true;
    hasFailures = true;
  }

  /** Applies Retry-After, up to the configured maximum. */
  void pauseRequested(long ms, String cause, long nowNs) {
    lastRefusal = cause;
    delay(Math.min(ms, settings.retryAfterMsMax()), nowNs);
  }

  /** Clears all failures after a successful response. Called at the end of each read cycle. */
  void succeeded() {
    if (hasFailures) {
      hasFailures = false;
      failuresInRow = 0;
      refusalsInRow = 0;
      overdueInRow = 0;
      attempts.reset();
      returns.reset();
    }
  }

  /**
   * Records an overload status at the end of a read cycle; returns whether the limit was just
   * reached.
   */
  boolean refused(String cause) {
    hasFailures = true;
    lastRefusal = cause;
    refusalsInRow++;
    return refusalsInRow == settings.refusalsMax();
  }

  /** Returns the pipeline depth of its connections. */
  PipelineDepth depth() {
    return depth;
  }

  /** Returns the last overload cause; empty if there was none. */
  String lastRefusal() {
    return lastRefusal;
  }

  /** Returns whether the limit of consecutive overload statuses is reached. */
  boolean isOverloaded() {
    return refusalsInRow >= settings.refusalsMax();
  }

  /** Records a response timeout; returns whether the limit of consecutive ones is reached. */
  boolean overdue() {
    hasFailures = true;
    overdueInRow++;
    return overdueInRow >= settings.overdueMax();
  }

  /** Returns whether requests may be sent to it. */
  boolean isReady(long nowNs) {
    return waitNs(nowNs) == 0;
  }

  /** Returns the remaining delay, 0 if requests may be sent. */
  long waitNs(long nowNs) {
    if (isWaiting && waitUntilNs - nowNs <= 0) {
      isWaiting = false;
    }
    return isWaiting ? waitUntilNs - nowNs : 0;
  }

  /** Returns the remaining delay before a loop that left the server may return. */
  long returnWaitNs(long nowNs) {
    long waitNs = waitNs(nowNs);
    return isReturnDelayed ? Math.max(waitNs, returnFromNs - nowNs) : waitNs;
  }

  /** Delays the next request for the members of a native cluster. */
  void delayMembers(long ms, long nowNs) {
    hasMembersDelay = true;
    membersFromNs = nowNs + TimeUnit.MILLISECONDS.toNanos(ms);
  }

  /** Returns the remaining delay of the next request for the members, ms; 0 if there is none. */
  long membersWaitMs(long nowNs) {
    return hasMembersDelay ? TimeUnit.NANOSECONDS.toMillis(Math.max(0, membersFromNs - nowNs)) : 0;
  }

  @Override
  public String toString() {
    return address.toString();
  }
}
