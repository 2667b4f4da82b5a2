// SPDX-License-Identifier: Apache-2.0
package io.systole.server.events;

import io.systole.server.registry.ChangeLog;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Requests that wait for the next change, each for a bounded time. Any thread may call. */
public final class LongPolls implements AutoCloseable {
  /** A request that waits. It is over once: for a change, for its time, or given up. */
  public final class PendingPoll {
    private final Runnable onOver;
    private final Runnable onRing = this::over;
    private final AtomicBoolean isOver = new AtomicBoolean();
    private volatile @Nullable ScheduledFuture<?> timeout;

    private PendingPoll(Runnable onOver) {
      this.onOver = onOver;
    }

    private void over() {
      if (end()) {
        onOver.run();
      }
    }

    /** Doesn't wait any more, and is told nothing. */
    public void giveUp() {
      end();
    }

    private boolean end() {
      if (!isOver.compareAndSet(false, true)) {
        return false;
      }
      notifier.remove(onRing);
      waiting.decrementAndGet();
      ScheduledFuture<?> scheduled = timeout;
      if (scheduled != null) {
        scheduled.cancel(false);
      }
      return true;
    }
  }

  private final ChangeLog log;
  private final EventSettings settings;
  private final ScheduledExecutorService timer;
  private final ChangeNotifier notifier;
  private final AtomicInteger waiting = new AtomicInteger();
  private volatile boolean isClosed;

  /** @param timer wakes those who wait; what it runs here is short */
  public LongPolls(ChangeLog log, EventSettings settings, ScheduledExecutorService timer) {
    this.log = log;
    this.settings = settings;
    this.timer = timer;
    this.notifier = new ChangeNotifier(timer, settings.gatherMs());
    log.onAppend(notifier::pull);
  }

  /**
   * Waits until there is a change after this version, or the time is up.
   *
   * @param waitMs cut down to the longest that is allowed
   * @param onOver run once, soon after; on any thread, also this one; must not block
   * @return null when too many wait already; then nothing is run
   */
  public @Nullable PendingPoll await(long version, long waitMs, Runnable onOver) {
    if (waiting.incrementAndGet() > settings.pollsMax()) {
      waiting.decrementAndGet();
      return null;
    }
    PendingPoll one = new PendingPoll(onOver);
    notifier.add(one.onRing);
    try {
      one.timeout = timer.schedule(
          one::over, Math.min(waitMs, settings.pollWaitMaxMs()), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException stopping) {
      one.over();
    }
    // It may have come before the bell could tell; so may the end.
    if (log.version() > version || isClosed) {
      one.over();
    }
    return one;
  }

  /** Lets all go who wait; whoever comes from now on doesn't wait. */
  @Override
  public void close() {
    isClosed = true;
    notifier.ring();
  }

  /** How many wait. */
  public int waitingCount() {
    return waiting.get();
  }
}
