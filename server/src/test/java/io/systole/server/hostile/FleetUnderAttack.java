// SPDX-License-Identifier: Apache-2.0
package io.systole.server.hostile;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.systole.server.hostile.FleetConnection.Call;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Instances that renew every 30 s and register at a steady rate, as an open-model load: heartbeats
 * are due at fixed times, independent of earlier responses.
 *
 * <p>All state is confined to the one event loop; other threads read it by {@link #read}.
 */
final class FleetUnderAttack implements AutoCloseable, FleetConnection.Listener {
  /**
   * The age from which an acknowledged registration must survive a kill: the journal's sync
   * interval of 10 ms, and time for a busy machine.
   */
  static final long SETTLED_NS = TimeUnit.MILLISECONDS.toNanos(500);

  private static final long HEARTBEAT_NS = TimeUnit.SECONDS.toNanos(30);
  private static final int TICK_MS = 5;
  static final int CONNECTIONS = 16;
  private static final int NEW_APPS = 50;

  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(
      1, new DefaultThreadFactory("fleet"), NioIoHandler.newFactory());
  private final FleetReport report = new FleetReport();
  private final Random random;
  private final NodePort target;
  private final long hangNs;
  private final List<FleetConnection> connections = new ArrayList<>();
  private final List<FleetInstance> members = new ArrayList<>();
  private final PriorityQueue<FleetInstance> due =
      new PriorityQueue<>(Comparator.comparingLong(member -> member.nextHeartbeatNs));
  private final ArrayDeque<FleetInstance> sweep = new ArrayDeque<>();

  private Phase phase = Phase.REGISTRATION;
  private int starts = 1;
  private long killedNs = FleetInstance.NEVER;
  private int newPerMinute;
  private double newCredit;
  private double sweepCredit;
  private int sweepPerSecond;
  private int newCount;
  private long lastNs;

  /**
   * Creates a fleet without instances.
   *
   * @param accesses the ways in which its connections reach the node, in turn
   * @param hangMs the time without any response after which a connection counts as hung
   */
  FleetUnderAttack(NodePort target, List<ClientAccess> accesses, long hangMs, long seed) {
    this.target = target;
    this.hangNs = TimeUnit.MILLISECONDS.toNanos(hangMs);
    this.random = new Random(seed);
    Bootstrap bootstrap = new Bootstrap()
        .group(loop)
        .channel(NioSocketChannel.class)
        .option(ChannelOption.TCP_NODELAY, true);
    for (int i = 0; i < CONNECTIONS; i++) {
      ClientAccess access = accesses.get(i % accesses.size());
      connections.add(new FleetConnection(bootstrap, target, access, this));
    }
    lastNs = System.nanoTime();
    loop.scheduleAtFixedRate(this::tick, 0, TICK_MS, TimeUnit.MILLISECONDS);
  }

  /** Runs an action on the loop and returns its result. */
  <T> T read(Callable<T> action) throws InterruptedException, ExecutionException {
    return loop.submit(action).get();
  }

  FleetReport report() {
    return report;
  }

  // ---------------------------------------------------------------- on the loop

  Phase phase() {
    return phase;
  }

  int size() {
    return members.size();
  }

  /** Registers an instance, which renews from now on. */
  void register(String app, String id) {
    send(new FleetInstance(app, id), false, System.nanoTime());
  }

  void registerNew(int perMinute) {
    newPerMinute = perMinute;
  }

  void enter(Phase next) {
    phase = next;
  }

  /** Records that the node was killed, or has exited, at this time. */
  void nodeEnded(long atNs) {
    phase = Phase.INTERRUPTED;
    killedNs = atNs;
    starts++;
    sweep.clear();
    connections.forEach(FleetConnection::close);
  }

  /** Sends one additional heartbeat of each member at the given rate. */
  void sweep(int perSecond) {
    sweep.clear();
    sweep.addAll(members);
    sweepPerSecond = perSecond;
    sweepCredit = 0;
  }

  /** Returns the number of members that the running node has not renewed yet. */
  long unconfirmedCount() {
    return members.stream().filter(member -> member.renewedByStart < starts).count();
  }

  /** Closes all connections, which are opened again. */
  void reconnect() {
    connections.forEach(FleetConnection::close);
  }

  private void tick() {
    long nowNs = System.nanoTime();
    report.tickLate(nowNs - lastNs - TimeUnit.MILLISECONDS.toNanos(TICK_MS));
    double seconds = (nowNs - lastNs) / 1e9;
    lastNs = nowNs;
    for (FleetInstance next = due.peek();
        next != null && next.nextHeartbeatNs <= nowNs;
        next = due.peek()) {
      due.remove();
      send(next, true, next.nextHeartbeatNs);
      next.nextHeartbeatNs += HEARTBEAT_NS;
      due.add(next);
    }
    if (target.isUp()) {
      sweepCredit += sweepPerSecond * seconds;
      for (; sweepCredit >= 1 && !sweep.isEmpty(); sweepCredit--) {
        send(sweep.remove(), true, nowNs);
      }
      newCredit = Math.min(newCredit + newPerMinute * seconds / 60, 10);
      for (; newCredit >= 1; newCredit--) {
        newCount++;
        register("NEW-" + newCount % NEW_APPS, "new-" + newCount);
      }
    }
    connections.forEach(FleetConnection::flush);
    findHangs(nowNs);
  }

  private void send(FleetInstance member, boolean isHeartbeat, long dueNs) {
    if (isHeartbeat && member.isBeating) {
      return;
    }
    member.isBeating = isHeartbeat;
    connectionOf(member).send(new Call(member, isHeartbeat, dueNs, phase));
  }

  private FleetConnection connectionOf(FleetInstance member) {
    return connections.get(Math.floorMod(member.id.hashCode(), CONNECTIONS));
  }

  private void findHangs(long nowNs) {
    if (phase == Phase.INTERRUPTED) {
      return;
    }
    for (FleetConnection connection : connections) {
      if (connection.silentNs(nowNs) > hangNs) {
        report.hang();
        connection.close();
      }
    }
  }

  @Override
  public void responded(Call call, int status) {
    long nowNs = System.nanoTime();
    FleetInstance member = call.member();
    if (!call.isHeartbeat()) {
      registrationResponded(member, status, nowNs);
      return;
    }
    member.isBeating = false;
    report.heartbeat(
        call.phase() == phase ? phase : Phase.INTERRUPTED, status, nowNs - call.dueNs());
    if (status == 200) {
      member.renewedByStart = starts;
    } else if (status == 404) {
      lost(member);
    }
  }

  /** Handles a 404 for a member: checks for data loss and registers it again as a client does. */
  private void lost(FleetInstance member) {
    boolean isFirst = member.renewedByStart < starts;
    long ageNs = killedNs - member.acknowledgedNs;
    boolean isKnownLost = member.acknowledgedNs == FleetInstance.NEVER;
    if (!isKnownLost && isFirst && starts > 1 && ageNs < SETTLED_NS) {
      report.unsettledLost(ageNs);
    } else if (!isKnownLost) {
      report.lost(member.app, isFirst ? "by the restart" : "while running");
      if (isFirst) {
        report.settledLost(ageNs);
      }
    }
    member.acknowledgedNs = FleetInstance.NEVER;
    send(member, false, System.nanoTime());
  }

  private void registrationResponded(FleetInstance member, int status, long nowNs) {
    report.registration(phase, status);
    if (status != 204) {
      return;
    }
    if (!member.hasJoined) {
      member.hasJoined = true;
      members.add(member);
      member.nextHeartbeatNs = nowNs + (long) (random.nextDouble() * HEARTBEAT_NS);
      due.add(member);
    }
    member.acknowledgedNs = nowNs;
    member.renewedByStart = starts;
  }

  @Override
  public void lost(FleetConnection connection, List<Call> unanswered) {
    boolean isNodeUp = target.isUp() && phase != Phase.INTERRUPTED;
    if (isNodeUp) {
      report.connectionLost();
    }
    for (Call call : unanswered) {
      report.resent();
      connection.send(call);
    }
  }

  @Override
  public void close() {
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
