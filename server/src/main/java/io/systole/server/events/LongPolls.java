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

/** Long polls: requests that wait for the next change, each for a limited time. Thread-safe. */
public final class LongPolls implements AutoCloseable {
  /** A pending poll. It is completed once: by a change, by its timeout, or by abandonment. */
  public final class PendingPoll {
    private final Runnable onCompletion;
    private final Runnable onChange = this::complete;
    private final AtomicBoolean isCompleted = new AtomicBoolean();
    private volatile @Nullable ScheduledFuture<?> timeout;

    private PendingPoll(Runnable onCompletion) {
      this.onCompletion = onCompletion;
    }

    private void complete() {
      if (tryComplete()) {
        onCompletion.run();
      }
    }

    /** Abandons the poll; its callback is not run. */
    public void abandon() {
      tryComplete();
    }

    private boolean tryComplete() {
      if (!isCompleted.compareAndSet(false, true)) {
        return false;
      }
      notifier.remove(onChange);
      pending.decrementAndGet();
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
  private final AtomicInteger pending = new AtomicInteger();
  private volatile boolean isClosed;

  /**
   * Creates the set of polls.
   *
   * @param timer runs notifications and timeouts; its tasks here are short
   */
  public LongPolls(ChangeLog log, EventSettings settings, ScheduledExecutorService timer) {
    this.log = log;
    this.settings = settings;
    this.timer = timer;
    this.notifier = new ChangeNotifier(timer, settings.gatherMs());
    log.onAppend(notifier::schedule);
  }

  /**
   * Waits for a change after a version, or the timeout.
   *
   * @param waitMs timeout, limited by the settings
   * @param onCompletion run once, on any thread, possibly during this call; must not block
   * @return null if too many polls are pending; nothing is run then
   */
  public @Nullable PendingPoll await(long version, long waitMs, Runnable onCompletion) {
    if (pending.incrementAndGet() > settings.pollsMax()) {
      pending.decrementAndGet();
      return null;
    }
    PendingPoll poll = new PendingPoll(onCompletion);
    notifier.add(poll.onChange);
    try {
      poll.timeout = timer.schedule(
          poll::complete, Math.min(waitMs, settings.pollWaitMaxMs()), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException stopping) {
      poll.complete();
    }
    // A change or the close may have come before the listener was added.
    if (log.version() > version || isClosed) {
      poll.complete();
    }
    return poll;
  }

  /** Completes all pending polls; later ones complete at once. */
  @Override
  public void close() {
    isClosed = true;
    notifier.notifyAllListeners();
  }

  /** Returns the number of pending polls. */
  public int pendingCount() {
    return pending.get();
  }
}
