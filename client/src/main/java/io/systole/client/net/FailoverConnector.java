// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import io.netty.channel.EventLoop;
import io.systole.client.api.ServerState;
import io.systole.protocol.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections of one event loop to the registry: selects a server, opens its connections, and
 * fails over to another.
 */
public final class FailoverConnector implements ConnectionSlot.Owner {
  /*
   *               probe opened                     second probe opened: the old slots drain
   *   NO SERVER ------------------> IN USE --------------------------------------------+
   *     |  ^  ^                      |  ^  ^                                           |
   *     |  |  +-- lost, or overdue --+  |  +-------------------------------------------+
   *     +--+      too often             |
   *     probe failed: the next,       PAUSED (in use, but Retry-After forbids requests)
   *     or wait until one is due
   *
   * A probe is a single connection that tests whether a server accepts connections. So a server
   * must accept one connection before it receives all of them. A voluntary move (to a more
   * preferred server, or away from an overloaded one) loses no request: responses to requests in
   * flight are awaited on the old slots. There is one probe at a time, and no voluntary move while
   * old slots drain, so there are at most twice the connections plus one.
   */
  private static final Logger log = LoggerFactory.getLogger(FailoverConnector.class);

  private final ConnectionContext context;
  private final EventLoop loop;
  private final Clock clock;
  private final Connection.Listener listener;
  private final ServerSelector servers;
  private final int connections;

  private final ConnectionPool pool = new ConnectionPool();
  private final TimeoutCheck timeoutCheck;
  private final FailoverReporter reporter;
  private @Nullable MemberDiscovery discovery;
  private @Nullable ServerHealth inUse;

  private @Nullable ConnectionSlot probe;
  private @Nullable ServerHealth probed;

  /** True if the server in use has sent Retry-After. */
  private boolean hasRetryAfter;

  /** True if Retry-After applies to heartbeats too, or to registrations and cancels only. */
  private boolean isPaused;

  private long retryAfterUntilNs;
  private String lastLoss = "";
  private @Nullable Future<?> nextCheck;
  private boolean isClosed;

  /**
   * Creates a connector that has not begun to connect.
   *
   * @param zones in the order of preference
   * @param connections number of open connections to the server in use
   * @param seed of the order of the servers and of random delays
   */
  public FailoverConnector(
      EventLoop loop,
      Network network,
      List<Zone> zones,
      ConnectionSettings settings,
      HealthSettings health,
      int connections,
      Clock clock,
      Connection.Listener listener,
      long seed) {
    var random = new SplittableRandom(seed);
    this.loop = loop;
    this.clock = clock;
    this.listener = listener;
    this.connections = connections;
    this.servers = new ServerSelector(zones, health, random);
    this.context = ConnectionContext.of(loop, network, settings, clock, random);
    this.timeoutCheck = new TimeoutCheck(context, pool);
    this.reporter = new FailoverReporter(listener, clock.monotonicNs());
  }

  /**
   * Enables requests to the server in use for the members of a native cluster. They are used like
   * servers of a last zone. Call before {@link #open}.
   */
  public void discoverMembers(MemberSchedule schedule) {
    discovery = new MemberDiscovery(context, schedule, servers.configured(), this::learn);
  }

  private void learn(List<ServerAddress> members) {
    if (servers.learn(members, server -> server == inUse || server == probed)) {
      log.info("cluster members learned={} from={}", servers.learnedCount(), inUse);
      check();
    }
  }

  /** Begins to connect. */
  public void open() {
    timeoutCheck.start();
    check();
  }

  /** Closes all connections permanently. */
  public void close() {
    isClosed = true;
    timeoutCheck.stop();
    if (discovery != null) {
      discovery.stop();
    }
    stopNextCheck();
    if (probe != null) {
      probe.close("client closed");
    }
    pool.close("client closed");
  }

  private void stopNextCheck() {
    if (nextCheck != null) {
      nextCheck.cancel(false);
    }
  }

  /** Returns a live view of the slots to the server in use; empty while there is none. */
  public List<ConnectionSlot> pool() {
    return pool.inUse();
  }

  /** Returns whether the server in use currently forbids all requests. */
  @Override
  public boolean isPaused() {
    return isPaused;
  }

  private void clearRetryAfter() {
    hasRetryAfter = false;
    isPaused = false;
  }

  /** Returns the number of open connections to the server in use. */
  public int poolOpen() {
    return pool.open();
  }

  /** Returns the number of requests in flight. */
  public int inFlight() {
    return pool.inFlight();
  }

  /** Returns the reason why a connection last ended or failed to open; empty if none did. */
  public String lastLoss() {
    return lastLoss;
  }

  /** Returns the state of each server, in this loop's order. */
  public List<ServerState> states() {
    return servers.states(clock.monotonicNs(), clock.wallMs(), inUse);
  }

  // Server selection.

  /** Resumes, probes or returns as due, and schedules the next check. */
  private void check() {
    if (isClosed) {
      return;
    }
    long nowNs = clock.monotonicNs();
    if (hasRetryAfter && retryAfterUntilNs - nowNs <= 0) {
      clearRetryAfter();
      listener.resumed();
    }
    ServerHealth target = probe == null ? target(nowNs) : null;
    if (target != null) {
      probeAt(target);
    }
    scheduleCheck(nowNs);
  }

  private @Nullable ServerHealth target(long nowNs) {
    if (inUse == null) {
      return servers.next(nowNs, null);
    }
    if (pool.isAnyDraining()) {
      return null;
    }
    return mustFailOver(inUse) ? servers.next(nowNs, inUse) : servers.better(nowNs, inUse);
  }

  private boolean mustFailOver(ServerHealth server) {
    return hasRetryAfter || server.isOverloaded();
  }

  private void scheduleCheck(long nowNs) {
    long waitNs = probe == null ? targetWaitNs(nowNs) : ServerSelector.NEVER;
    if (hasRetryAfter) {
      waitNs = Math.min(waitNs, retryAfterUntilNs - nowNs);
    }
    stopNextCheck();
    if (waitNs != ServerSelector.NEVER) {
      nextCheck = loop.schedule(this::check, Math.max(1, waitNs), TimeUnit.NANOSECONDS);
    }
  }

  private long targetWaitNs(long nowNs) {
    if (inUse == null) {
      return servers.nextWaitNs(nowNs, null);
    }
    if (pool.isAnyDraining()) {
      return ServerSelector.NEVER;
    }
    return mustFailOver(inUse)
        ? servers.nextWaitNs(nowNs, inUse)
        : servers.betterWaitNs(nowNs, inUse);
  }

  private void probeAt(ServerHealth server) {
    reporter.probed(server.address());
    ConnectionSlot slot =
        new ConnectionSlot(context, listener, server, this, ConnectionSlot.SlotState.PROBING);
    probed = server;
    probe = slot;
    slot.open();
  }

  /** Takes the probed server into use. */
  private void moveTo(ServerHealth server, ConnectionSlot first, Connection opened) {
    ServerHealth before = inUse;
    boolean isReturn = before != null && !mustFailOver(before);
    if (before != null && !isReturn) {
      reporter.left(before.lastRefusal());
      before.lost(before.lastRefusal(), clock.monotonicNs());
    }
    pool.drain();
    inUse = server;
    clearRetryAfter();
    first.serve();
    List<ConnectionSlot> all = new ArrayList<>(List.of(first));
    while (all.size() < connections) {
      all.add(
          new ConnectionSlot(context, listener, server, this, ConnectionSlot.SlotState.SERVING));
    }
    pool.use(all);
    if (discovery != null) {
      discovery.use(server);
    }
    listener.connected(server.address());
    reporter.takenIntoUse(server, isReturn);
    listener.opened(opened);
    all.forEach(ConnectionSlot::openFirst);
    check();
  }

  // Slot events.

  @Override
  public void opened(ConnectionSlot slot, Connection connection) {
    if (slot == probe && probed != null) {
      probe = null;
      moveTo(probed, slot, connection);
    } else if (slot.state() == ConnectionSlot.SlotState.SERVING) {
      pool.opened();
      listener.opened(connection);
    }
  }

  @Override
  public void cycleEnded(ConnectionSlot slot, Connection connection, int bytesReceived) {
    if (slot.state() == ConnectionSlot.SlotState.SERVING && inUse != null) {
      updateHealth(inUse, connection);
    }
    listener.cycleEnded(connection, bytesReceived);
  }

  /** Updates the server's health from the last response of a read cycle. */
  private void updateHealth(ServerHealth server, Connection connection) {
    reporter.responded(server, pool.open());
    String retryAfter = connection.takeRetryAfter();
    boolean isForBeats = connection.takeBeatRetryAfter();
    int status = connection.lastStatus();
    if (OverloadStatus.is(status)) {
      refused(server, OverloadStatus.cause(status, connection.text()));
    } else if (status != 0 && retryAfter == null) {
      server.succeeded();
    }
    if (retryAfter != null) {
      pause(server, retryAfter, isForBeats);
    }
  }

  private void refused(ServerHealth server, String cause) {
    if (server.refused(cause)) {
      lastLoss = cause;
      log.debug("server is overloaded server={} cause={}", server.address(), cause);
      check();
    }
  }

  private void pause(ServerHealth server, String retryAfter, boolean isForBeats) {
    long requestedMs = RetryAfter.ms(retryAfter, clock.wallMs());
    if (requestedMs == RetryAfter.INVALID) {
      return;
    }
    long nowNs = clock.monotonicNs();
    String cause = "requested a delay, Retry-After: " + retryAfter;
    server.pauseRequested(requestedMs, cause, nowNs);
    long waitNs = server.waitNs(nowNs);
    if (waitNs > 0) {
      lastLoss = cause;
      hasRetryAfter = true;
      isPaused |= isForBeats;
      retryAfterUntilNs = nowNs + waitNs;
      if (!isPaused) {
        listener.changesDeferred(retryAfterUntilNs);
      }
      log.debug("server {} server={}", cause, server.address());
      check();
    }
  }

  /** Handles the end of a connection, after its requests were reported. */
  @Override
  public void ended(ConnectionSlot slot, Connection ended, Connection.End end, String cause) {
    switch (slot.state()) {
      case PROBING -> probeFailed(cause);
      case SERVING -> servingEnded(slot, ended, end, cause);
      case DRAINING -> drained(slot);
      case CLOSED -> {}
    }
  }

  /** Handles the end of a draining slot. */
  @Override
  public void drained(ConnectionSlot slot) {
    pool.drained(slot);
    if (!pool.isAnyDraining()) {
      loop.execute(this::check);
    }
    listener.closed();
  }

  private void probeFailed(String cause) {
    probe = null;
    listener.notOpened();
    lastLoss = cause;
    if (probed != null) {
      probed.unreachable(cause, clock.monotonicNs());
      reportOutage(probed, cause);
    }
    check();
  }

  private void servingEnded(
      ConnectionSlot slot, Connection ended, Connection.End end, String cause) {
    pool.ended(ended.wasOpen());
    lastLoss = cause;
    if (!ended.wasOpen()) {
      listener.notOpened();
    }
    if (inUse != null) {
      loseOrReopen(inUse, slot, ended, end, cause);
    }
    listener.closed();
  }

  private void loseOrReopen(
      ServerHealth server,
      ConnectionSlot slot,
      Connection ended,
      Connection.End end,
      String cause) {
    server.connectionLost(cause);
    boolean isHarmless = ended.wasOpen() && end == Connection.End.ORDERLY;
    boolean isOverdueTooOften = end == Connection.End.OVERDUE && server.overdue();
    if (isOverdueTooOften || (pool.open() == 0 && !isHarmless)) {
      lose(server, cause);
    } else {
      log.debug("connection lost server={} open={} cause={}", server, pool.open(), cause);
      if (isHarmless && ended.hasServed()) {
        slot.reopenNow();
      } else {
        slot.reopenLater();
      }
    }
  }

  /** Gives up the server in use; its requests in flight fail. */
  private void lose(ServerHealth server, String cause) {
    inUse = null;
    if (discovery != null) {
      discovery.stop();
    }
    clearRetryAfter();
    server.lost(cause, clock.monotonicNs());
    pool.closeInUse(cause);
    reportOutage(server, cause);
    check();
  }

  /** Reports an outage when no server is left, and nothing when another can take over. */
  private void reportOutage(ServerHealth server, String cause) {
    if (inUse != null) {
      return;
    }
    reporter.left(cause);
    long nowNs = clock.monotonicNs();
    if (servers.next(nowNs, null) == null) {
      reporter.unavailable(server, cause, nowNs);
    }
  }
}
