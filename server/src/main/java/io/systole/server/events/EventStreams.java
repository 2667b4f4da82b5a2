// SPDX-License-Identifier: Apache-2.0
package io.systole.server.events;

import io.systole.protocol.time.Clock;
import io.systole.server.registry.Change;
import io.systole.server.registry.ChangeLog;
import io.systole.server.responsecache.ReadSnapshot;
import io.systole.server.responsecache.ResponseCache;
import io.systole.server.route.ResponseBody;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/** The open event streams. Thread-safe. */
public final class EventStreams {
  /** Number of backlog checks while the log grows by its maximum of bytes. */
  private static final int CHECKS_PER_BYTES_MAX = 8;

  private final ResponseCache cache;
  private final ChangeLog log;
  private final EventSettings settings;
  private final ChangeNotifier notifier;
  private final LongAdder dropped = new LongAdder();
  private final SseStream.Environment environment;

  /**
   * Positions of all streams, including those whose response is still queued. Weak references, as a
   * stream may be abandoned before it is opened. Guarded by itself.
   */
  private final Set<StreamPosition> positions = Collections.newSetFromMap(new WeakHashMap<>());

  /** Triggers the check for streams that are too far behind in bytes. */
  private final ChangeNotifier checks;

  private volatile long checkedBytes;

  /**
   * Creates the set of streams.
   *
   * @param timer runs notifications; its tasks here are short
   */
  public EventStreams(
      ResponseCache cache,
      ChangeLog log,
      Clock clock,
      EventSettings settings,
      ScheduledExecutorService timer) {
    this.cache = cache;
    this.log = log;
    this.settings = settings;
    this.notifier = new ChangeNotifier(timer, settings.gatherMs());
    this.checks = new ChangeNotifier(timer, 0);
    this.environment =
        new SseStream.Environment(new SseEncoder(), settings, clock, dropped::increment);
    checks.add(this::cutOffFarBehind);
    log.onAppend(notifier::schedule);
    log.onAppend(this::checkWhenDue);
    // A stream that has been idle for half the interval sends a comment, so none is idle for two
    // intervals.
    long everyMs = settings.heartbeatMs();
    var unused = timer.scheduleAtFixedRate(
        notifier::notifyAllListeners, everyMs, everyMs, TimeUnit.MILLISECONDS);
  }

  /**
   * Starts a stream with the current instances, followed by changes.
   *
   * @param callback called once, on a thread that must not be blocked
   * @param failed called on failure, instead of the callback or after it threw
   */
  public void begin(
      StreamFilter filter, Consumer<ResponseBody> callback, Consumer<? super Throwable> failed) {
    cache.snapshot(
        filter.scope(),
        filter.name(),
        snapshot -> callback.accept(body(filter, snapshot, false)),
        failed);
  }

  /**
   * Resumes a stream after the last version that its reader received. Starts it over if too many
   * changes were missed.
   *
   * @param version last version that the reader received
   * @param callback as in {@link #begin}
   * @param failed as in {@link #begin}
   */
  public void resume(
      StreamFilter filter,
      long version,
      Consumer<ResponseBody> callback,
      Consumer<? super Throwable> failed) {
    Change seen = log.at(version);
    boolean isTooFarBehind = seen == null || log.version() - version > settings.backlogMax();
    // The set of instances known to the reader was lost with its stream.
    if (seen == null || isTooFarBehind || filter.isDynamic()) {
      begin(filter, callback, failed);
    } else {
      callback.accept(body(filter, new ReadSnapshot(seen, List.of()), true));
    }
  }

  /** Called for each change, so it must be cheap. */
  private void checkWhenDue() {
    if (log.endBytes() - checkedBytes > log.bytesMax() / CHECKS_PER_BYTES_MAX) {
      checkedBytes = log.endBytes();
      checks.schedule();
    }
  }

  /** Ends streams that are too far behind: without reads they would keep the log in memory. */
  private void cutOffFarBehind() {
    synchronized (positions) {
      positions.forEach(position -> position.cutOffUnlessWithin(settings.backlogMax()));
    }
  }

  private ResponseBody body(StreamFilter filter, ReadSnapshot snapshot, boolean isResumed) {
    StreamPosition position = new StreamPosition(log, snapshot, isResumed);
    int instances = snapshot.instances().size();
    synchronized (positions) {
      positions.add(position);
    }
    return ResponseBody.streaming(wake -> {
      SseStream stream = new SseStream(
          filter, instances, position, environment, wake, () -> notifier.remove(wake));
      notifier.add(wake);
      return stream;
    });
  }

  /** Returns the number of open streams. */
  public int openCount() {
    return notifier.listenerCount();
  }

  /** Returns the number of streams ended because their readers were too slow. */
  public long droppedCount() {
    return dropped.sum();
  }
}
