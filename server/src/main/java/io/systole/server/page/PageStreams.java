// SPDX-License-Identifier: Apache-2.0
package io.systole.server.page;

import io.systole.server.registry.Change;
import io.systole.server.route.BodySource;
import io.systole.server.route.ResponseBody;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The open event streams of the page: of the node, and of one application each. Events are encoded
 * once a second for all streams of a channel, and only while there are any. Thread-safe.
 */
public final class PageStreams {
  /*
   * The feeds, the channels and the position in the log are confined to the thread of the executor.
   * Event loops open and close streams by tasks for it:
   *
   *     open --> task: the channel's first stream creates its feed, the very first starts the ticks
   *     tick --> changes of the log to all feeds --> events of each feed to its channel
   *     close -> task: without streams the feed is dropped, without feeds the ticks stop
   *
   * While there are feeds, `at` keeps the changes of at most about a second in memory.
   */

  /** The limit on open streams of both kinds: a thousand browsers. */
  public static final int STREAMS_MAX = 1_000;

  /**
   * The limit on the unread bytes of all channels, whose streams share them: an equal part for
   * each, so that slow readers of many applications hold no more than this.
   */
  static final long BACKLOGS_BYTES_MAX = 64 << 20;

  /** The time between two ticks. */
  static final long TICK_MS = 1_000;

  private static final Logger LOG = LoggerFactory.getLogger(PageStreams.class);

  /** The key of the node's channel; no application has an empty name. */
  private static final String NODE = "";

  private record Subscription(PageFeed feed, EventChannel channel) {}

  private final PageSources sources;
  private final ScheduledExecutorService executor;
  private final PacedValue<ExpiredLeases> expired;
  private final Map<String, Subscription> subscriptions = new HashMap<>();
  private final NameChars chars = new NameChars();
  private final AtomicInteger open = new AtomicInteger();
  private final LongAdder dropped = new LongAdder();
  private @Nullable ScheduledFuture<?> ticks;
  private @Nullable Change at;

  /** @param executor a single thread, whose tasks are short */
  public PageStreams(PageSources sources, ScheduledExecutorService executor) {
    this.sources = sources;
    this.executor = executor;
    this.expired = ExpiredLeases.paced(sources);
  }

  /** Returns whether no more streams can be opened. */
  boolean isFull() {
    return open.get() >= STREAMS_MAX;
  }

  /** Returns a stream of the node. */
  ResponseBody ofNode() {
    return body(NODE);
  }

  /** Returns a stream of the instances of an application, upper case, which need not exist yet. */
  ResponseBody ofApplication(String app) {
    return body(app);
  }

  private ResponseBody body(String key) {
    return ResponseBody.streaming(wake -> open(key, wake));
  }

  private BodySource open(String key, Runnable wake) {
    int count = open.incrementAndGet();
    // The closing stream refers to itself through the holder.
    PageStream[] opened = new PageStream[1];
    PageStream stream = new PageStream(wake, () -> close(key, opened[0]));
    opened[0] = stream;
    if (count > STREAMS_MAX || !execute(() -> begin(key, stream))) {
      stream.end();
    }
    return stream;
  }

  private void close(String key, PageStream stream) {
    open.decrementAndGet();
    execute(() -> remove(key, stream));
  }

  /** Returns false if the node is stopping. */
  private boolean execute(Runnable task) {
    try {
      executor.execute(task);
      return true;
    } catch (RejectedExecutionException stopping) {
      return false;
    }
  }

  private void begin(String key, PageStream stream) {
    if (stream.isEnded()) {
      // Closed before its turn: a feed for nobody would read all leases.
      return;
    }
    try {
      long nowNs = sources.clock().monotonicNs();
      subscription(key).channel().add(stream, subscription(key).feed().first(), nowNs);
      if (ticks == null) {
        ticks = executor.scheduleAtFixedRate(
            this::guardedTick, TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
      }
    } catch (RuntimeException | Error failure) {
      LOG.error("stream of the page failed to begin", failure);
      stream.end();
    }
  }

  private Subscription subscription(String key) {
    Subscription known = subscriptions.get(key);
    if (known == null) {
      if (subscriptions.isEmpty()) {
        // Before the leases are read: changes in between are applied once more.
        at = sources.registry().changes().last();
      }
      PageFeed feed = key.equals(NODE)
          ? new NodeFeed(sources, expired)
          : new ApplicationFeed(key, sources, chars, expired);
      known = new Subscription(
          feed, new EventChannel(dropped::increment, sources.clock().monotonicNs()));
      subscriptions.put(key, known);
    }
    return known;
  }

  private void remove(String key, PageStream stream) {
    Subscription subscription = subscriptions.get(key);
    if (subscription == null) {
      return;
    }
    subscription.channel().remove(stream);
    if (subscription.channel().isEmpty()) {
      subscriptions.remove(key);
      subscription.feed().close();
      stopUnlessWatched();
    }
  }

  private void stopUnlessWatched() {
    ScheduledFuture<?> running = ticks;
    if (!subscriptions.isEmpty()) {
      return;
    }
    if (running != null) {
      running.cancel(false);
      ticks = null;
    }
    at = null;
    expired.clear();
  }

  /**
   * Sends what has changed. Run by the executor once a second while there are streams. Ends all of
   * them after a failure: readers open others, which begin with the present state.
   */
  void guardedTick() {
    try {
      tick();
    } catch (RuntimeException | Error failure) {
      LOG.error("streams of the page failed, ending all of them", failure);
      for (Subscription subscription : subscriptions.values()) {
        subscription.channel().end();
        subscription.feed().close();
      }
      subscriptions.clear();
      stopUnlessWatched();
    }
  }

  private void tick() {
    applyChanges();
    long nowNs = sources.clock().monotonicNs();
    long backlogBytesMax = BACKLOGS_BYTES_MAX / Math.max(1, subscriptions.size());
    for (Subscription subscription : subscriptions.values()) {
      subscription.channel().append(subscription.feed().next());
      subscription.channel().flush(backlogBytesMax, nowNs);
    }
  }

  private void applyChanges() {
    Change position = at;
    if (position == null) {
      return;
    }
    Subscription node = subscriptions.get(NODE);
    for (Change next = position.next(); next != null; next = next.next()) {
      position = next;
      if (node != null) {
        node.feed().apply(next);
      }
      Subscription application = subscriptions.get(next.document().app());
      if (application != null) {
        application.feed().apply(next);
      }
    }
    at = position;
  }

  /** Returns the number of open streams. */
  public int openCount() {
    return open.get();
  }

  /** Returns the number of streams ended because their readers were too slow. */
  public long droppedCount() {
    return dropped.sum();
  }
}
