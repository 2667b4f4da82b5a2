// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.systole.client.api.FailureReason;
import io.systole.client.api.HeartbeatListener;
import io.systole.client.heartbeat.HeartbeatTimerWheel;
import io.systole.client.heartbeat.Session;
import io.systole.client.heartbeat.SessionAction;
import io.systole.protocol.time.Clock;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The due times of one event loop: those of heartbeats, and those of deferred changes. */
final class HeartbeatTimers implements HeartbeatTimerWheel.Due {
  /*
   * At most one wake-up is scheduled. Invariant: it is not later than the first due time of the
   * wheel and of the changes. So every event that may add an earlier one calls scheduleWakeUp.
   *
   * Confined to the event loop.
   */
  private static final Logger log = LoggerFactory.getLogger(HeartbeatTimers.class);

  private static final long TICK_NS = TimeUnit.MILLISECONDS.toNanos(1);

  /** One day has fewer of these ticks than {@link Integer#MAX_VALUE}. */
  private static final long FINE_TICK_NS = TimeUnit.MICROSECONDS.toNanos(50);

  /** One revolution exceeds the usual interval of 30 s. */
  private static final int WHEEL_BUCKETS = 1 << 15;

  /** One revolution exceeds the usual interval of 30 s. */
  private static final int FINE_WHEEL_BUCKETS = 1 << 20;

  private final EventLoop loop;
  private final Clock clock;
  private final HeartbeatListener observer;
  private final RegistrationQueue changes;
  private final SendQueue sendQueue;
  private final HeartbeatTimerWheel wheel;

  /** Interval of every session; 0 for the session's own. */
  private int intervalMs;

  /** Sessions whose heartbeats are suspended. */
  private final Set<Session> paused = Collections.newSetFromMap(new IdentityHashMap<>());

  private @Nullable ScheduledFuture<?> wakeUp;
  private long wakeUpNs = HeartbeatTimerWheel.NEVER;

  HeartbeatTimers(
      EventLoop loop,
      ClientConfig config,
      Clock clock,
      HeartbeatListener observer,
      RegistrationQueue changes,
      SendQueue sendQueue,
      long seed) {
    this.loop = loop;
    this.clock = clock;
    this.observer = observer;
    this.changes = changes;
    this.sendQueue = sendQueue;
    this.intervalMs = config.intervalMs();
    this.wheel = wheel(config.arrivals(), config.jitterMs(), clock, seed);
  }

  private static HeartbeatTimerWheel wheel(
      Arrivals arrivals, int jitterMs, Clock clock, long seed) {
    boolean isFine = arrivals != Arrivals.TICKS;
    long tickNs = isFine ? FINE_TICK_NS : TICK_NS;
    return new HeartbeatTimerWheel(
        clock.monotonicNs(),
        tickNs,
        isFine ? FINE_WHEEL_BUCKETS : WHEEL_BUCKETS,
        Math.toIntExact(TimeUnit.MILLISECONDS.toNanos(jitterMs) / tickNs),
        arrivals == Arrivals.POISSON
            ? HeartbeatTimerWheel.Phases.RANDOM
            : HeartbeatTimerWheel.Phases.EVEN,
        seed);
  }

  /** Adds a session, whose own interval is used unless there is one for all. */
  void add(Session session, long ownIntervalMs) {
    long interval = TimeUnit.MILLISECONDS.toNanos(intervalMs > 0 ? intervalMs : ownIntervalMs);
    wheel.add(session, clock.monotonicNs(), interval);
  }

  /** Sets the interval of all current and future sessions and redistributes their due times. */
  void intervalMs(int newIntervalMs) {
    intervalMs = newIntervalMs;
    wheel.respread(clock.monotonicNs(), TimeUnit.MILLISECONDS.toNanos(newIntervalMs));
    scheduleWakeUp();
  }

  /** Suspends the heartbeats of a session. */
  void pause(Session session) {
    paused.add(session);
  }

  /** Resumes the heartbeats of a session. */
  void resume(Session session) {
    paused.remove(session);
  }

  /** Schedules a wake-up at the next due time. */
  void scheduleWakeUp() {
    long queuedNs = earlier(changes.wakeNs(), sendQueue.wakeNs());
    long nextNs = earlier(wheel.nextDueNs(), queuedNs);
    boolean isEarlier = wakeUpNs == HeartbeatTimerWheel.NEVER || nextNs - wakeUpNs < 0;
    if (nextNs != HeartbeatTimerWheel.NEVER && isEarlier) {
      stop();
      wakeUpNs = nextNs;
      long waitNs = Math.max(0, nextNs - clock.monotonicNs());
      wakeUp = loop.schedule(this::wake, waitNs, TimeUnit.NANOSECONDS);
    }
  }

  private static long earlier(long firstNs, long secondNs) {
    boolean isFirst = secondNs == HeartbeatTimerWheel.NEVER
        || (firstNs != HeartbeatTimerWheel.NEVER && firstNs - secondNs <= 0);
    return isFirst ? firstNs : secondNs;
  }

  /** Cancels the scheduled wake-up. */
  void stop() {
    if (wakeUp != null) {
      wakeUp.cancel(false);
    }
  }

  private void wake() {
    long dueNs = wakeUpNs;
    wakeUpNs = HeartbeatTimerWheel.NEVER;
    try {
      long nowNs = clock.monotonicNs();
      observer.loopWokeUp(dueNs, nowNs);
      wheel.advanceTo(nowNs, this);
      changes.requeueDue(nowNs);
      sendQueue.feedAll();
    } catch (Throwable e) {
      // The scheduler would discard the exception.
      log.error("unexpected failure in a client event loop, continuing", e);
    } finally {
      scheduleWakeUp();
    }
  }

  @Override
  public void due(Session session, long dueNs, long missed, long intervalNs) {
    boolean isSuspended = sendQueue.pace() != SendMode.INTERVAL || paused.contains(session);
    if (session.isAlive() && isSuspended) {
      return;
    }
    SessionAction action = session.due(dueNs);
    if (action == SessionAction.BEAT || action == SessionAction.SKIP) {
      observer.due(dueNs);
      for (long skipped = 1; skipped <= missed; skipped++) {
        long skippedNs = dueNs + skipped * intervalNs;
        observer.due(skippedNs);
        observer.failed(FailureReason.NOT_SENT, skippedNs);
      }
      if (action == SessionAction.SKIP) {
        observer.failed(FailureReason.NOT_SENT, dueNs);
      }
    }
    if (action == SessionAction.BEAT) {
      sendQueue.addDue(session);
    } else {
      sendQueue.perform(session, action);
    }
  }
}
