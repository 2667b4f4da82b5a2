// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.channel.EventLoop;
import io.systole.server.route.HeartbeatHandler;
import io.systole.server.time.Clock;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the connections of one event loop share: the buffer they parse in, the answers encoded
 * ahead, the second hand. Used on the loop alone, but for {@link #lagNs}.
 */
final class LoopContext {
  private static final Logger LOG = LoggerFactory.getLogger(LoopContext.class);

  /** Apart from each other, ticks measure how late the loop is. */
  private static final long TICK_MS = 100;

  private static final int TICKS_PER_LAG = 10;

  /** Timeout checks between two looks at the sockets: a tenth of a millisecond's work or so. */
  private static final int CHECKS_PER_TURN = 128;

  /**
   * How long a stopping node waits for a request on a silent connection, from the last input or
   * from the end of the lame duck. A client may have sent one that is on the wire, or have
   * connected just now.
   */
  static final long SILENCE_MS = 500;

  /** How far a node is in stopping. */
  enum Stage {
    SERVING,
    /** Everything is served, and responses announce that their connections close. */
    LAME_DUCK,
    /** Connections end as soon as nothing is owed on them and no request came for a while. */
    ENDING
  }

  /** Most bytes of one read that are parsed in one go. */
  static final int READ_BYTES_MAX = 64 * 1024;

  final EventLoop loop;
  final Clock clock;
  final HeartbeatHandler renewService;
  final PreencodedResponses preencoded =
      new PreencodedResponses(new RetryAfterSpread(new SplittableRandom()));

  /** Holds what a connection kept from before and what it read now, side by side. */
  final byte[] input;

  /** Holds the chunk of a long body that is read just now. */
  final byte[] chunk = new byte[StreamingBodyWriter.CHUNK_BYTES_MAX];

  final FairScheduler turns;

  /** The connections, by the time of their next timeout check. */
  final TimeoutWheel<HttpHandler> connections;

  private Stage stage = Stage.SERVING;

  /** Before this time no connection ends for being silent; in monotonic ns, once in ENDING. */
  private long silenceFromNs;

  private long silenceNs;
  private boolean isTurnScheduled;
  private int ticks;

  /** Written by the loop, read by anyone: so is what follows. */
  private volatile long tickDueNs;

  private volatile long lagThisSecondNs;
  private volatile long lagNs;

  LoopContext(EventLoop loop, Clock clock, HeartbeatHandler renewService, int headBytesMax) {
    this.loop = loop;
    this.clock = clock;
    this.renewService = renewService;
    this.turns = new FairScheduler(loop);
    this.tickDueNs = clock.monotonicNs();
    this.input = new byte[2 * READ_BYTES_MAX + headBytesMax];
    this.connections = new TimeoutWheel<>(clock.monotonicNs());
    preencoded.refresh(clock.wallMs());
  }

  /** Starts the second hand. Called once, from any thread. */
  void start() {
    tickDueNs = clock.monotonicNs() + TimeUnit.MILLISECONDS.toNanos(TICK_MS);
    var unused = loop.scheduleAtFixedRate(this::tick, TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
  }

  private void tick() {
    long nowNs = clock.monotonicNs();
    lagThisSecondNs = Math.max(lagThisSecondNs, nowNs - tickDueNs);
    tickDueNs = nowNs + TimeUnit.MILLISECONDS.toNanos(TICK_MS);
    preencoded.refresh(clock.wallMs());
    if (++ticks % TICKS_PER_LAG == 0) {
      lagNs = Math.max(0, lagThisSecondNs);
      lagThisSecondNs = 0;
    }
    try {
      sweep(nowNs);
    } catch (RuntimeException defect) {
      // Thrown on, it would end the ticks for good, and with them every timeout.
      LOG.error("a timeout check failed", defect);
    }
  }

  /** Ends the connections that have waited too long, as many as one turn takes. */
  void sweep(long nowNs) {
    connections.poll(nowNs);
    if (!isTurnScheduled) {
      runChecks(nowNs);
    }
  }

  /** By the timer and not as a task, as in {@link FairScheduler}. */
  private void runChecks(long nowNs) {
    isTurnScheduled = false;
    isTurnScheduled = connections.runDue(nowNs, CHECKS_PER_TURN);
    if (isTurnScheduled) {
      var unused = loop.schedule(() -> runChecks(clock.monotonicNs()), 0, TimeUnit.NANOSECONDS);
    }
  }

  /** How far the node is in stopping. */
  Stage stage() {
    return stage;
  }

  /** Has each connection's next response announce that the connection closes. */
  void announceClose() {
    stage = Stage.LAME_DUCK;
    checkAll();
  }

  /**
   * Ends the connections that owe nothing, and the others once they don't. If the close was
   * announced, each stays open until it was silent for {@link #SILENCE_MS}.
   */
  void endConnections() {
    boolean isAnnounced = stage == Stage.LAME_DUCK;
    silenceNs = isAnnounced ? TimeUnit.MILLISECONDS.toNanos(SILENCE_MS) : 0;
    silenceFromNs = clock.monotonicNs();
    stage = Stage.ENDING;
    checkAll();
  }

  /**
   * Returns when a connection ends for being silent, if it stays so, in monotonic ns; only in
   * {@link Stage#ENDING}.
   *
   * @param lastInputNs when it was accepted or last sent anything
   */
  long silenceEndsNs(long lastInputNs) {
    return Math.max(lastInputNs, silenceFromNs) + silenceNs;
  }

  private void checkAll() {
    connections.pollAll();
    sweep(clock.monotonicNs());
  }

  /** The connections as they are now. */
  List<HttpHandler> snapshot() {
    return connections.tasks();
  }

  /**
   * How late the latest tick of the last second was, or is by now if it has not come yet; read from
   * any thread. Means nothing before the start.
   */
  long lagNs() {
    long overdueNs = clock.monotonicNs() - tickDueNs;
    return Math.max(overdueNs, Math.max(lagThisSecondNs, lagNs));
  }
}
