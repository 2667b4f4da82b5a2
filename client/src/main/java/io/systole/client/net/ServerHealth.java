// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** What one event loop knows of one server: whether to ask it, or when again. No sockets here. */
final class ServerHealth {
  /*
   *              failed, or asked to be left alone
   *   RESTED ----------------------------------------> WAITING (until a time)
   *      ^   <------------- that time ----------------    |
   *      |                                                | a good answer
   *      +------------------------------------------------+
   *
   * A failure counts until a good answer comes: each one in a row doubles the wait before the server
   * is tried again. The way back to a server that was left has a wait of its own, far longer, which
   * doubles when the server took connections but gave no good answer: such a one costs those who
   * return an answer's time-out.
   */
  private static final int RETURN_FACTOR_MAX = 16;

  private final ServerAddress address;
  private final Zone zone;
  private final int rank;
  private final HealthSettings settings;
  private final Backoff attempts;
  private final Backoff returns;
  private final PipelineDepth depth = new PipelineDepth();

  private boolean isTroubled;
  private int failuresInRow;
  private int refusalsInRow;
  private int overdueInRow;

  /** Monotonic; only while the flag says so, since zero is a time as any other. */
  private long waitUntilNs;

  private boolean isWaiting;
  private long returnFromNs;
  private boolean isReturnLate;

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
    long returnMs = Math.max(1, settings.returnMs());
    this.returns = new Backoff(returnMs, RETURN_FACTOR_MAX * returnMs, random);
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

  /** Notes why a connection ended, which need not be a failure of the server. */
  void connectionLost(String cause) {
    lastLoss = cause;
  }

  /** It could not be connected to. */
  void unreachable(String cause, long nowNs) {
    returns.reset();
    failed(cause, nowNs, attempts.nextMs());
  }

  /** It was in use and is lost, or is left for its refusals. */
  void lost(String cause, long nowNs) {
    failed(cause, nowNs, attempts.nextMs());
  }

  private void failed(String cause, long nowNs, long waitMs) {
    isTroubled = true;
    failures++;
    failuresInRow++;
    refusalsInRow = 0;
    overdueInRow = 0;
    lastLoss = cause;
    restFor(waitMs, nowNs);
    isReturnLate = true;
    returnFromNs = nowNs + TimeUnit.MILLISECONDS.toNanos(returns.nextMs());
  }

  /** Leaves it alone for a while, and not for less than it was left alone before. */
  private void restFor(long ms, long nowNs) {
    long untilNs = nowNs + TimeUnit.MILLISECONDS.toNanos(ms);
    if (!isWaiting || untilNs - waitUntilNs > 0) {
      waitUntilNs = untilNs;
    }
    isWaiting = true;
    isTroubled = true;
  }

  /** It asks to be left alone; no longer than the bound. */
  void requestedToWait(long ms, String cause, long nowNs) {
    lastRefusal = cause;
    restFor(Math.min(ms, settings.retryAfterMsMax()), nowNs);
  }

  /** A good answer came: what was before is forgiven. Called at the end of each read cycle. */
  void answeredWell() {
    if (isTroubled) {
      isTroubled = false;
      failuresInRow = 0;
      refusalsInRow = 0;
      overdueInRow = 0;
      attempts.reset();
      returns.reset();
    }
  }

  /** A read cycle ended with an answer that refuses; says whether it has just become too many. */
  boolean refused(String cause) {
    isTroubled = true;
    lastRefusal = cause;
    refusalsInRow++;
    return refusalsInRow == settings.refusalsMax();
  }

  /** Returns how far its lines may send ahead. */
  PipelineDepth depth() {
    return depth;
  }

  /** Returns how it refused last; empty when it never did. */
  String lastRefusal() {
    return lastRefusal;
  }

  /** Says whether it has refused so often in a row that another would be better. */
  boolean isRefusing() {
    return refusalsInRow >= settings.refusalsMax();
  }

  /** A connection ended for an overdue answer; returns whether that happened too often in a row. */
  boolean overdue() {
    isTroubled = true;
    overdueInRow++;
    return overdueInRow >= settings.overdueMax();
  }

  /** Says whether it may be asked. */
  boolean isRested(long nowNs) {
    return waitNs(nowNs) == 0;
  }

  /** Returns how long it is still to be left alone, 0 when it may be asked. */
  long waitNs(long nowNs) {
    if (isWaiting && waitUntilNs - nowNs <= 0) {
      isWaiting = false;
    }
    return isWaiting ? waitUntilNs - nowNs : 0;
  }

  /** Returns how long a loop that left it stays away. */
  long returnWaitNs(long nowNs) {
    long waitNs = waitNs(nowNs);
    return isReturnLate ? Math.max(waitNs, returnFromNs - nowNs) : waitNs;
  }

  @Override
  public String toString() {
    return address.toString();
  }
}
