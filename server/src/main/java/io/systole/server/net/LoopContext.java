// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import io.systole.protocol.time.Clock;
import io.systole.server.metrics.RequestClass;
import io.systole.server.route.HeartbeatMatcher.HeartbeatHandler;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/**
 * The state shared by the connections of one event loop: parse buffer, heartbeats, preencoded
 * responses, admission policy, timer, timeout wheel and stage of shutdown. Confined to the loop,
 * except {@link #lagNs}.
 */
final class LoopContext {
  /**
   * The duration of an iteration from which the next is measured too. Measuring costs a wake-up,
   * which a loop that is idle in between must not have.
   */
  private static final long LONG_ITERATION_NS = TimeUnit.MILLISECONDS.toNanos(5);

  /** Timeout checks between two polls of the sockets; about 0.1 ms of work. */
  private static final int CHECKS_PER_POLL = 128;

  /**
   * The time that a draining server waits for another request on a connection, from its last input
   * or from the end of the lame-duck period. A request may be on the wire, and a client may have
   * connected just now.
   */
  static final long QUIET_PERIOD_MS = 500;

  /** A stage of the server's life. */
  enum Stage {
    SERVING,
    /** Requests are served, and responses announce that their connections close. */
    LAME_DUCK,
    /** A connection closes once it has no pending response and its quiet period has passed. */
    DRAINING
  }

  /** The maximum number of bytes parsed in one pass. */
  static final int READ_BYTES_MAX = 64 * 1024;

  /** The maximum size of a chunk of a streamed body. */
  static final int CHUNK_BYTES_MAX = 64 * 1024;

  /** The same while unsent bytes are scarce, so that many slow readers can be served. */
  static final int SCARCE_CHUNK_BYTES_MAX = 4 * 1024;

  final EventLoop loop;
  final Clock clock;
  final HeartbeatBatch heartbeats;
  final PreencodedResponses preencoded =
      new PreencodedResponses(new RetryAfterJitter(new SplittableRandom()));

  /** Parse buffer: a connection's cumulation buffer, followed by the bytes of the current read. */
  final byte[] input;

  /** The chunk of a streamed body that is being read. */
  final byte[] chunk = new byte[CHUNK_BYTES_MAX];

  final FairScheduler scheduler;

  final DeferredRequests deferred;

  final StalledConnections stalled = new StalledConnections();

  private final IntSupplier queuedWork;

  final AdmissionControl admission;

  final RequestLatencies latencies;

  private final LoopTimer timer;

  /** The open connections, by the time of their next timeout check. */
  final TimeoutWheel connections;

  private Stage stage = Stage.SERVING;

  /** The earliest start of a quiet period, monotonic ns; set on entering ENDING. */
  private long quietFromNs;

  private long quietPeriodNs;
  private boolean areChecksScheduled;

  private final Runnable endOfIteration = this::iterationEnded;

  /** True from the first request below heartbeats until {@link #iterationEnded}. */
  private boolean isIterationMeasured;

  private long iterationBeganNs;

  /**
   * @param queuedWork returns the requests queued for worker pools; takes no lock
   * @param credentialRateMax returns the requests of a class that one credential may send in a
   *     second; 0 for no limit
   */
  LoopContext(
      EventLoop loop,
      Clock clock,
      HeartbeatHandler heartbeatHandler,
      IntSupplier queuedWork,
      IntSupplier credentialRateMax) {
    this.admission = new AdmissionControl(credentialRateMax);
    this.latencies = new RequestLatencies(clock);
    this.queuedWork = queuedWork;
    this.loop = loop;
    this.clock = clock;
    this.heartbeats = new HeartbeatBatch(heartbeatHandler);
    this.scheduler = new FairScheduler(loop);
    this.deferred = new DeferredRequests(loop, clock);
    this.input = new byte[2 * READ_BYTES_MAX + NetSettings.HEAD_BYTES_MAX];
    this.timer = new LoopTimer(loop, clock, this::tick, this::isNothingDueBefore);
    this.connections = new TimeoutWheel(clock.monotonicNs(), timer::ensureTickFor);
    preencoded.refresh(clock.wallMs());
  }

  /** Starts the timer. Called once, from any thread. */
  void start() {
    timer.start();
  }

  private void tick(long nowNs) {
    if (!isIterationMeasured) {
      // The timer of an idle loop is late for want of a core; no requests wait for it.
      updateAdmission(0, nowNs);
    }
    preencoded.refresh(clock.wallMs());
    sweep(nowNs);
  }

  /** Returns whether only input could need a tick before a time. */
  private boolean isNothingDueBefore(long timeNs) {
    return stage == Stage.SERVING
        && !areChecksScheduled
        && queuedWork.getAsInt() == 0
        && admission.admits(RequestClass.FULL_FETCH)
        && !connections.hasCheckBefore(timeNs);
  }

  /** Records input of a connection. To be called for each read. */
  void inputReceived() {
    boolean wasIdle = timer.inputReceived();
    if (wasIdle) {
      preencoded.refresh(clock.wallMs());
    }
  }

  /**
   * Measures the current iteration of the loop for {@link #admission}. Called for each request
   * below heartbeats.
   */
  void measureIteration() {
    if (!isIterationMeasured) {
      isIterationMeasured = true;
      iterationBeganNs = clock.monotonicNs();
      loop.execute(endOfIteration);
    }
  }

  /**
   * Returns whether a request below heartbeats may be handled at once. Otherwise it is to be
   * {@link #deferred}: the iteration has taken its time for such requests, or others wait.
   *
   * @param nowNs time of the read cycle
   */
  boolean mayHandleNow(long nowNs) {
    measureIteration();
    return deferred.count() == 0 && nowNs - iterationBeganNs < DeferredRequests.SLICE_NS;
  }

  /**
   * Updates the admission policy. Runs after the sockets were read; while it keeps measuring, also
   * by a timer, for the reason given in {@link FairScheduler}.
   */
  void iterationEnded() {
    long nowNs = clock.monotonicNs();
    long tookNs = nowNs - iterationBeganNs;
    updateAdmission(tookNs, nowNs);
    iterationBeganNs = nowNs;
    isIterationMeasured = tookNs >= LONG_ITERATION_NS;
    if (isIterationMeasured) {
      var unused = loop.schedule(endOfIteration, 0, TimeUnit.NANOSECONDS);
    }
  }

  private void updateAdmission(long lagNs, long nowNs) {
    int tasks = loop instanceof SingleThreadEventExecutor executor ? executor.pendingTasks() : 0;
    admission.update(lagNs, tasks + deferred.taskCount(), queuedWork.getAsInt(), nowNs);
  }

  /** Checks the connections whose check is due, a bounded number at a time. */
  void sweep(long nowNs) {
    connections.poll(nowNs);
    if (!areChecksScheduled) {
      runChecks(nowNs);
    }
  }

  /** Continues by timer rather than by task, for the reason given in {@link FairScheduler}. */
  private void runChecks(long nowNs) {
    areChecksScheduled = false;
    areChecksScheduled = connections.runDue(nowNs, CHECKS_PER_POLL);
    if (areChecksScheduled) {
      var unused = loop.schedule(() -> runChecks(clock.monotonicNs()), 0, TimeUnit.NANOSECONDS);
    }
  }

  Stage stage() {
    return stage;
  }

  /** Begins the lame-duck period: each connection's next response announces its close. */
  void announceClose() {
    stage = Stage.LAME_DUCK;
    checkAll();
  }

  /**
   * Closes each connection as soon as it has no pending response. If the close was announced, a
   * connection first stays open for a quiet period of {@link #QUIET_PERIOD_MS}.
   */
  void drain() {
    boolean isAnnounced = stage == Stage.LAME_DUCK;
    quietPeriodNs = isAnnounced ? TimeUnit.MILLISECONDS.toNanos(QUIET_PERIOD_MS) : 0;
    quietFromNs = clock.monotonicNs();
    stage = Stage.DRAINING;
    checkAll();
  }

  /**
   * Returns the end of a connection's quiet period, monotonic ns. Valid in {@link Stage#DRAINING}.
   *
   * @param lastInputNs time of the connection's last input, or of its accept
   */
  long quietPeriodEndNs(long lastInputNs) {
    return Math.max(lastInputNs, quietFromNs) + quietPeriodNs;
  }

  private void checkAll() {
    long nowNs = clock.monotonicNs();
    timer.ensureTickFor(nowNs);
    connections.pollAll();
    sweep(nowNs);
  }

  /**
   * Returns the greatest delay of a tick within the last second, including that of a tick that is
   * overdue. Any thread may call it; the value is undefined before {@link #start}.
   */
  long lagNs() {
    return timer.lagNs();
  }
}
