// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.channel.EventLoop;
import io.systole.server.route.RenewService;
import io.systole.server.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * What the connections of one event loop share: the buffer they parse in, the answers encoded
 * ahead, the second hand. Used on the loop alone, but for {@link #lagNs}.
 */
final class LoopContext {
  /** Apart from each other, ticks measure how late the loop is. */
  private static final long TICK_MS = 100;

  private static final int TICKS_PER_SWEEP = 10;

  /** Most bytes of one read that are parsed in one go. */
  static final int READ_BYTES_MAX = 64 * 1024;

  final EventLoop loop;
  final Clock clock;
  final RenewService renewService;
  final CannedReplies canned = new CannedReplies(new RetryAfterSpread(new SplittableRandom()));

  /** Holds what a connection kept from before and what it read now, side by side. */
  final byte[] input;

  /** Holds the chunk of a long body that is read just now. */
  final byte[] chunk = new byte[BodyFlow.CHUNK_BYTES_MAX];

  final Turns turns;

  private final Set<HttpHandler> connections = new HashSet<>();
  private int ticks;

  /** Written by the loop, read by anyone: so is what follows. */
  private volatile long tickDueNs;

  private volatile long lagThisSweepNs;
  private volatile long lagNs;

  LoopContext(EventLoop loop, Clock clock, RenewService renewService, int headBytesMax) {
    this.loop = loop;
    this.clock = clock;
    this.renewService = renewService;
    this.turns = new Turns(loop);
    this.tickDueNs = clock.monotonicNs();
    this.input = new byte[2 * READ_BYTES_MAX + headBytesMax];
    canned.refresh(clock.wallMs());
  }

  /** Starts the second hand. Called once, from any thread. */
  void start() {
    tickDueNs = clock.monotonicNs() + TimeUnit.MILLISECONDS.toNanos(TICK_MS);
    var unused = loop.scheduleAtFixedRate(this::tick, TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
  }

  private void tick() {
    long nowNs = clock.monotonicNs();
    lagThisSweepNs = Math.max(lagThisSweepNs, nowNs - tickDueNs);
    tickDueNs = nowNs + TimeUnit.MILLISECONDS.toNanos(TICK_MS);
    canned.refresh(clock.wallMs());
    if (++ticks % TICKS_PER_SWEEP == 0) {
      lagNs = Math.max(0, lagThisSweepNs);
      lagThisSweepNs = 0;
      sweep(nowNs);
    }
  }

  /** Ends the connections that have waited too long. A connection may leave the set as it ends. */
  void sweep(long nowNs) {
    for (HttpHandler connection : snapshot()) {
      connection.checkTimeouts(nowNs);
    }
  }

  void add(HttpHandler connection) {
    connections.add(connection);
  }

  void remove(HttpHandler connection) {
    connections.remove(connection);
  }

  /** The connections as they are now. */
  List<HttpHandler> snapshot() {
    return new ArrayList<>(connections);
  }

  /**
   * How late the latest tick of the last second was, or is by now if it has not come yet; read from
   * any thread. Means nothing before the start.
   */
  long lagNs() {
    long overdueNs = clock.monotonicNs() - tickDueNs;
    return Math.max(overdueNs, Math.max(lagThisSweepNs, lagNs));
  }
}
