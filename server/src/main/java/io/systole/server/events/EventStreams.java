// SPDX-License-Identifier: Apache-2.0
package io.systole.server.events;

import io.systole.server.registry.Change;
import io.systole.server.registry.ChangeLog;
import io.systole.server.responsecache.ReadSnapshot;
import io.systole.server.responsecache.ResponseCache;
import io.systole.server.route.ResponseBody;
import io.systole.server.time.Clock;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/** The event streams that are open. Any thread may call. */
public final class EventStreams {
  /** How often streams are checked while the log takes as many bytes as it keeps. */
  private static final int CHECKS_PER_BOUND = 8;

  private final ResponseCache views;
  private final ChangeLog log;
  private final Clock clock;
  private final EventSettings settings;
  private final SseEncoder text = new SseEncoder();
  private final ChangeNotifier notifier;
  private final LongAdder dropped = new LongAdder();

  /**
   * Of every stream, also of those that wait behind other answers. Weak: whoever gives up a stream
   * that has not begun tells nobody. Guarded by itself.
   */
  private final Set<StreamPosition> positions = Collections.newSetFromMap(new WeakHashMap<>());

  /** Rings whenever streams may have fallen too far behind in bytes. */
  private final ChangeNotifier checks;

  private volatile long checkedBytes;

  /** @param timer wakes the streams; what it runs here is short */
  public EventStreams(
      ResponseCache views,
      ChangeLog log,
      Clock clock,
      EventSettings settings,
      ScheduledExecutorService timer) {
    this.views = views;
    this.log = log;
    this.clock = clock;
    this.settings = settings;
    this.notifier = new ChangeNotifier(timer, settings.gatherMs());
    this.checks = new ChangeNotifier(timer, 0);
    checks.add(this::cutOffFarBehind);
    log.onAppend(notifier::pull);
    log.onAppend(this::checkWhenDue);
    // A stream that was silent for half of it then speaks, so none is silent for twice as long.
    long everyMs = settings.heartbeatMs();
    var unused = timer.scheduleAtFixedRate(notifier::ring, everyMs, everyMs, TimeUnit.MILLISECONDS);
  }

  /**
   * Begins a stream with all there is, and goes on with what changes.
   *
   * @param callback called once, on a thread that must not be kept
   * @param failed called instead, or after a taker that threw
   */
  public void begin(
      StreamFilter scope, Consumer<ResponseBody> callback, Consumer<? super Throwable> failed) {
    views.cut(
        scope.extent(), scope.name(), cut -> callback.accept(body(scope, cut, false)), failed);
  }

  /**
   * Goes on with a stream that its reader has lost. When that isn't possible, because too much was
   * missed, it begins anew.
   *
   * @param version the last that the reader has seen
   * @param callback as in {@link #begin}
   * @param failed likewise
   */
  public void resume(
      StreamFilter scope,
      long version,
      Consumer<ResponseBody> callback,
      Consumer<? super Throwable> failed) {
    Change seen = log.at(version);
    boolean isFar = seen == null || log.version() - version > settings.backlogMax();
    // What a reader knew to be in such a scope was lost with its stream.
    if (seen == null || isFar || scope.canBeLeft()) {
      begin(scope, callback, failed);
    } else {
      callback.accept(body(scope, new ReadSnapshot(seen, List.of()), true));
    }
  }

  /** Cheap: called with every change. */
  private void checkWhenDue() {
    if (log.endBytes() - checkedBytes > log.bytesMax() / CHECKS_PER_BOUND) {
      checkedBytes = log.endBytes();
      checks.pull();
    }
  }

  /** A stream whose reader takes nothing is not read, and would hold back the log meanwhile. */
  private void cutOffFarBehind() {
    synchronized (positions) {
      positions.forEach(position -> position.cutOffUnlessWithin(settings.backlogMax()));
    }
  }

  private ResponseBody body(StreamFilter scope, ReadSnapshot cut, boolean isResumed) {
    StreamPosition position = new StreamPosition(log, cut, isResumed);
    int instances = cut.instances().size();
    synchronized (positions) {
      positions.add(position);
    }
    return ResponseBody.endless(wake -> {
      SseStream stream = new SseStream(scope, instances, position, this, wake);
      notifier.add(wake);
      return stream;
    });
  }

  /** Wakes a stream no more. */
  void closed(Runnable wake) {
    notifier.remove(wake);
  }

  void noteDropped() {
    dropped.increment();
  }

  SseEncoder text() {
    return text;
  }

  EventSettings settings() {
    return settings;
  }

  Clock clock() {
    return clock;
  }

  /** How many are open. */
  public int openCount() {
    return notifier.sleeperCount();
  }

  /** How many were ended because their readers were too slow. */
  public long droppedCount() {
    return dropped.sum();
  }
}
