// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import io.netty.channel.EventLoop;
import io.systole.client.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One event loop's way to the registry: which server it asks, over which lines, and when not. */
public final class FailoverConnector {
  /*
   *               knock opened                      knock beside opened: the old lines drain
   *   NOBODY ----------------------> IN USE --------------------------------------------+
   *     |  ^  ^                       |  ^  ^                                            |
   *     |  |  +-- lost, or overdue ---+  |  +--------------------------------------------+
   *     +--+      too often              |
   *     knock failed: the next,        HELD (asked to be left alone: in use, and not asked)
   *     or wait until one may be asked
   *
   * A knock is one connection that is opened to find out whether a server is there. So a server has
   * to take one connection before it gets them all, and whoever leaves a server of their own will
   * (for a better one, or because it refuses) leaves nothing behind: answers to what is in flight
   * are waited for on the old lines. There is one knock at a time, and no move of one's own will
   * while old lines drain, so there are at most twice the connections and one.
   */
  private static final Logger log = LoggerFactory.getLogger(FailoverConnector.class);

  /** Time-outs are looked for this often within one time-out. */
  private static final int LOOKS_PER_TIMEOUT = 8;

  /** A server that comes and goes within this time is one outage in the log. */
  private static final long OUTAGE_GAP_NS = TimeUnit.SECONDS.toNanos(30);

  private final ConnectionContext parts;
  private final EventLoop loop;
  private final Clock clock;
  private final ConnectionListener responses;
  private final ServerSelector servers;
  private final int connections;

  private final ConnectionPool pool = new ConnectionPool();
  private @Nullable ServerHealth inUse;

  private @Nullable ConnectionSlot probe;
  private @Nullable ServerHealth knockedAt;

  /** The server last in use or, before there was one, the first that was tried. */
  private @Nullable ServerAddress previous;

  /** Why the one before is not in use any more; empty while one is. */
  private String leftFor = "";

  /** The server in use wants to be left alone for a while. */
  private boolean isHeld;

  /** It has said so to a beat; else it goes for registrations and cancels alone. */
  private boolean areBeatsHeld;

  private long heldUntilNs;

  /** It has answered since it was taken into use; merely accepting connections does not count. */
  private boolean isReached;

  private boolean isOutageReported;
  private long outageReportedNs;
  private boolean isReachedReported;
  private String lastLoss = "";
  private @Nullable Future<?> looks;
  private final long checkNs;
  private long checkDueNs;

  /** The last check for time-outs came late and was passed over. */
  private boolean wasLate;

  private @Nullable Future<?> alarm;
  private boolean isClosed;

  /**
   * Makes one that has not begun to connect.
   *
   * @param zones in the order of preference
   * @param connections kept open to the server in use
   * @param seed decides the order of the servers and the random part of waits
   */
  public FailoverConnector(
      EventLoop loop,
      Network network,
      List<Zone> zones,
      ConnectionSettings settings,
      HealthSettings health,
      int connections,
      Clock clock,
      ConnectionListener responses,
      long seed) {
    var random = new SplittableRandom(seed);
    this.loop = loop;
    this.clock = clock;
    this.responses = responses;
    this.connections = connections;
    this.servers = new ServerSelector(zones, health, random);
    this.parts = ConnectionContext.of(loop, network, settings, clock, responses, random);
    this.outageReportedNs = clock.monotonicNs() - OUTAGE_GAP_NS;
    this.checkNs = TimeUnit.MILLISECONDS.toNanos(
        Math.max(1, settings.responseTimeoutMs() / LOOKS_PER_TIMEOUT));
  }

  /** Begins to connect. */
  public void open() {
    checkDueNs = clock.monotonicNs() + checkNs;
    looks = loop.scheduleWithFixedDelay(this::expire, checkNs, checkNs, TimeUnit.NANOSECONDS);
    look();
  }

  /**
   * Ends connections whose answers are overdue. A loop that comes late to it was kept from reading
   * too, so it reads first what has come meanwhile; but no loop is late for ever.
   */
  private void expire() {
    long nowNs = clock.monotonicNs();
    long lateNs = nowNs - checkDueNs;
    boolean isLate = lateNs > checkNs;
    if (isLate) {
      parts.stalls().note(nowNs, lateNs);
    }
    if (!isLate || wasLate) {
      pool.expire(nowNs);
    }
    wasLate = isLate && !wasLate;
    checkDueNs = clock.monotonicNs() + checkNs;
  }

  /** Closes all connections for good. */
  public void close() {
    isClosed = true;
    stop(looks);
    stop(alarm);
    if (probe != null) {
      probe.close("client closed");
    }
    pool.close("client closed");
  }

  private static void stop(@Nullable Future<?> timer) {
    if (timer != null) {
      timer.cancel(false);
    }
  }

  /** Returns the lines to the server in use: always the same list, empty while there is none. */
  public List<ConnectionSlot> pool() {
    return pool.inUse();
  }

  /** Says whether the server in use wants no request at all for a while. */
  public boolean isHeld() {
    return areBeatsHeld;
  }

  private void release() {
    isHeld = false;
    areBeatsHeld = false;
  }

  /** Returns how many connections to the server in use are open. */
  public int poolOpen() {
    return pool.open();
  }

  /** Returns how many requests were sent and not answered. */
  public int inFlight() {
    return pool.inFlight();
  }

  /** Returns why a connection last ended or could not be opened; empty when none did. */
  public String lastLoss() {
    return lastLoss;
  }

  /** Returns how it sees its servers, in its own order. */
  public List<ServerState> states() {
    return servers.states(clock.monotonicNs(), clock.wallMs(), inUse);
  }

  // Where to go.

  /** Does what the time has come for, and sets the alarm for what comes next. */
  private void look() {
    if (isClosed) {
      return;
    }
    long nowNs = clock.monotonicNs();
    if (isHeld && heldUntilNs - nowNs <= 0) {
      release();
      responses.resumed();
    }
    ServerHealth target = probe == null ? target(nowNs) : null;
    if (target != null) {
      probeAt(target);
    }
    setAlarm(nowNs);
  }

  private @Nullable ServerHealth target(long nowNs) {
    if (inUse == null) {
      return servers.next(nowNs, null);
    }
    if (pool.isAnyDraining()) {
      return null;
    }
    return wantsAway(inUse) ? servers.next(nowNs, inUse) : servers.better(nowNs, inUse);
  }

  private boolean wantsAway(ServerHealth server) {
    return isHeld || server.isRefusing();
  }

  private void setAlarm(long nowNs) {
    long waitNs = probe == null ? targetWaitNs(nowNs) : ServerSelector.NEVER;
    if (isHeld) {
      waitNs = Math.min(waitNs, heldUntilNs - nowNs);
    }
    stop(alarm);
    if (waitNs != ServerSelector.NEVER) {
      alarm = loop.schedule(this::look, Math.max(1, waitNs), TimeUnit.NANOSECONDS);
    }
  }

  private long targetWaitNs(long nowNs) {
    if (inUse == null) {
      return servers.nextWaitNs(nowNs, null);
    }
    if (pool.isAnyDraining()) {
      return ServerSelector.NEVER;
    }
    return wantsAway(inUse) ? servers.nextWaitNs(nowNs, inUse) : servers.betterWaitNs(nowNs, inUse);
  }

  private void probeAt(ServerHealth server) {
    if (previous == null) {
      previous = server.address();
    }
    ConnectionSlot slot =
        new ConnectionSlot(parts, server, this, ConnectionSlot.SlotState.KNOCKING);
    knockedAt = server;
    probe = slot;
    slot.open();
  }

  /** Makes the server that was knocked at the one in use. */
  private void moveTo(ServerHealth server, ConnectionSlot first, Connection opened) {
    ServerHealth left = inUse;
    boolean isReturn = left != null && !wantsAway(left);
    if (left != null && !isReturn) {
      leftFor = left.lastRefusal();
      left.lost(leftFor, clock.monotonicNs());
    }
    pool.drain();
    inUse = server;
    release();
    isReached = false;
    first.serve();
    List<ConnectionSlot> all = new ArrayList<>(List.of(first));
    while (all.size() < connections) {
      all.add(new ConnectionSlot(parts, server, this, ConnectionSlot.SlotState.SERVING));
    }
    pool.use(all);
    responses.connected(server.address());
    reportMove(server, isReturn);
    responses.opened(opened);
    all.forEach(ConnectionSlot::openFirst);
    look();
  }

  private void reportMove(ServerHealth server, boolean isReturn) {
    ServerAddress from = previous;
    ServerAddress to = server.address();
    String cause = isReturn ? "a better zone is back" : leftFor;
    previous = to;
    leftFor = "";
    if (from == null || from.equals(to)) {
      return;
    }
    if (isReturn) {
      log.info("returned server={} zone={} from={}", to, server.zoneName(), from);
    } else {
      log.warn(
          "failed over server={} zone={} from={} cause={}", to, server.zoneName(), from, cause);
    }
    responses.failedOver(from, to, cause);
  }

  // What the lines tell.

  void opened(ConnectionSlot slot, Connection connection) {
    if (slot == probe && knockedAt != null) {
      probe = null;
      moveTo(knockedAt, slot, connection);
    } else if (slot.duty() == ConnectionSlot.SlotState.SERVING) {
      pool.opened();
      responses.opened(connection);
    }
  }

  void cycleEnded(ConnectionSlot slot, Connection connection, int bytesReceived) {
    if (slot.duty() == ConnectionSlot.SlotState.SERVING && inUse != null) {
      judge(inUse, connection);
    }
    responses.cycleEnded(connection, bytesReceived);
  }

  /** Draws from what ended a read cycle what it says of the server. */
  private void judge(ServerHealth server, Connection connection) {
    if (!isReached) {
      isReached = true;
      isOutageReported = false;
      if (!isReachedReported) {
        isReachedReported = true;
        log.info("server answers server={} connections={}", server.address(), pool.open());
      }
    }
    String retryAfter = connection.takeRetryAfter();
    boolean wasSaidToBeat = connection.takeSaidToBeat();
    int status = connection.lastStatus();
    if (OverloadStatus.is(status)) {
      refused(server, OverloadStatus.cause(status, connection.text()));
    } else if (status != 0 && retryAfter == null) {
      server.answeredWell();
    }
    if (retryAfter != null) {
      hold(server, retryAfter, wasSaidToBeat);
    }
  }

  private void refused(ServerHealth server, String cause) {
    if (server.refused(cause)) {
      lastLoss = cause;
      log.debug("server refuses server={} cause={}", server.address(), cause);
      look();
    }
  }

  private void hold(ServerHealth server, String retryAfter, boolean wasSaidToBeat) {
    long requestedMs = RetryAfter.ms(retryAfter, clock.wallMs());
    if (requestedMs == RetryAfter.UNREADABLE) {
      return;
    }
    long nowNs = clock.monotonicNs();
    String cause = "asked to be left alone, Retry-After: " + retryAfter;
    server.requestedToWait(requestedMs, cause, nowNs);
    long waitNs = server.waitNs(nowNs);
    if (waitNs > 0) {
      lastLoss = cause;
      isHeld = true;
      areBeatsHeld |= wasSaidToBeat;
      heldUntilNs = nowNs + waitNs;
      if (!areBeatsHeld) {
        responses.changesHeld(heldUntilNs);
      }
      log.debug("server {} server={}", cause, server.address());
      look();
    }
  }

  /** A connection has ended after its requests were told as failed, or could not be opened. */
  void ended(ConnectionSlot slot, Connection ended, Connection.End end, String cause) {
    switch (slot.duty()) {
      case KNOCKING -> probeFailed(cause);
      case SERVING -> servingEnded(slot, ended, end, cause);
      case DRAINING -> drained(slot);
      case CLOSED -> {}
    }
  }

  /** An old line has got its last answers. */
  void drained(ConnectionSlot slot) {
    pool.drained(slot);
    if (!pool.isAnyDraining()) {
      loop.execute(this::look);
    }
    responses.closed();
  }

  private void probeFailed(String cause) {
    probe = null;
    responses.notOpened();
    lastLoss = cause;
    if (knockedAt != null) {
      knockedAt.unreachable(cause, clock.monotonicNs());
      reportOutage(knockedAt, cause);
    }
    look();
  }

  private void servingEnded(
      ConnectionSlot slot, Connection ended, Connection.End end, String cause) {
    pool.ended(ended.wasOpen());
    lastLoss = cause;
    if (!ended.wasOpen()) {
      responses.notOpened();
    }
    if (inUse != null) {
      loseOrOpenAgain(inUse, slot, ended, end, cause);
    }
    responses.closed();
  }

  private void loseOrOpenAgain(
      ServerHealth server,
      ConnectionSlot slot,
      Connection ended,
      Connection.End end,
      String cause) {
    server.connectionLost(cause);
    boolean isHarmless = ended.wasOpen() && end == Connection.End.ORDERLY;
    boolean isTooLate = end == Connection.End.OVERDUE && server.overdue();
    if (isTooLate || (pool.open() == 0 && !isHarmless)) {
      lose(server, cause);
    } else {
      log.debug("connection lost server={} open={} cause={}", server, pool.open(), cause);
      if (isHarmless && ended.hasServed()) {
        slot.openAgainAtOnce();
      } else {
        slot.openAgain();
      }
    }
  }

  /** Gives up the server in use: all that is in flight there fails. */
  private void lose(ServerHealth server, String cause) {
    inUse = null;
    release();
    server.lost(cause, clock.monotonicNs());
    pool.giveUp(cause);
    reportOutage(server, cause);
    look();
  }

  /** One line when the last way is gone, and none when another server takes over. */
  private void reportOutage(ServerHealth server, String cause) {
    if (inUse != null) {
      return;
    }
    leftFor = leftFor.isEmpty() ? cause : leftFor;
    long nowNs = clock.monotonicNs();
    boolean isNew = !isOutageReported && nowNs - outageReportedNs >= OUTAGE_GAP_NS;
    if (isNew && servers.next(nowNs, null) == null) {
      isOutageReported = true;
      outageReportedNs = nowNs;
      isReachedReported = false;
      log.warn("server lost, and no other to ask server={} cause={}", server.address(), cause);
    }
  }
}
