// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import io.systole.protocol.codec.Codec;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.codec.XmlCodec;
import io.systole.protocol.time.Clock;
import io.systole.server.registry.Change;
import io.systole.server.registry.ChangeLog;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.responsecache.CacheKey.CacheScope;
import io.systole.server.responsecache.CacheRequestQueue.ModelQuery;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A cache of encoded documents, updated incrementally as the registry changes. Thread-safe; no
 * method blocks.
 */
public final class ResponseCache implements AutoCloseable {
  /*
   * One thread applies the registry's changes to its own model and encodes all representations
   * from it; nothing here takes the registry's monitor. It works in rounds: take all pending
   * requests, apply new changes, complete the requests. So a representation reflects all changes
   * made before its request, and for each key there is at most one request being served and one
   * pending, however many callbacks they have. Current representations are returned without
   * involving the thread.
   *
   * Encoding a large document may take seconds. So it is done ahead in time slices, at most one per
   * round, after the requests that are quickly completed; the document is assembled in the round in
   * which this ends, from the model as of that round. The thread does not sleep between time
   * slices.
   *
   * Two kinds of documents are encoded at once, as no other uses their segments: that of a VIP
   * address which only some instances of an application have, and the changes after an old version.
   * That may take seconds too, and clients choose among many addresses and versions. So after one,
   * the other encodings have as much time before the next.
   *
   * The thread parks until it is woken or TICK_NS have passed. `isWoken` is set before the thread
   * is unparked, and cleared by the thread before it looks for work, so no request is missed and
   * many changes wake it once. Without requests, up to UNREAD_CHANGES_MAX changes or
   * UNREAD_BYTES_MAX accumulate. So the thread keeps no more of the log in memory than these and
   * the changes made during one round; the registry rejects registrations while that is too much.
   */

  private static final Logger LOG = LoggerFactory.getLogger(ResponseCache.class);

  /** Time after which segments and representations are discarded if not requested. */
  static final long UNUSED_NS = TimeUnit.SECONDS.toNanos(180);

  /**
   * Interval at which the thread wakes up without requests; the expiry of what nobody requests is
   * delayed by as much, and few changes are kept in the log for as long.
   */
  private static final long TICK_NS = TimeUnit.SECONDS.toNanos(10);

  private static final int UNREAD_CHANGES_MAX = 256;

  private static final int UNREAD_BYTES_MAX = 1 << 20;

  /** Time slice of incremental encoding while other requests may be pending. */
  static final long TIME_SLICE_NS = TimeUnit.MILLISECONDS.toNanos(20);

  private static final long NEVER = Long.MIN_VALUE;

  private final ChangeLog log;
  private final Clock clock;
  private final String tagPrefix = Long.toHexString(new SecureRandom().nextLong());
  private final ReadModel model;
  private final RepresentationCache representations;

  /** The last change applied to the model. */
  private volatile Change at;

  private final LongAdder failures = new LongAdder();
  private final Thread thread = new Thread(this::run, "systole-response-cache");
  private final AtomicBoolean isWoken = new AtomicBoolean();

  /** Time of the last request of an encoding, by ordinal; NEVER once its segments are discarded. */
  private final AtomicLongArray requestedNs = new AtomicLongArray(BlockEncoding.COUNT);

  /** Accessed only by the encoding thread. */
  private final EncodingQueue encodings = new EncodingQueue();

  /** Those that may not be divided. Accessed only by the encoding thread, as are the times. */
  private final EncodingQueue undivided = new EncodingQueue();

  /** The duration of the last turn of these, and its end, monotonic. */
  private long undividedNs;

  private long undividedEndNs;

  /** The queries to execute, in order. Accessed only by the encoding thread. */
  private final ArrayDeque<ModelQuery> queries = new ArrayDeque<>();

  private final CacheRequestQueue queue = new CacheRequestQueue();

  /**
   * Creates a cache for a registry, and starts its thread.
   *
   * @throws IllegalStateException if the registry's log has already dropped changes
   */
  public ResponseCache(Registry registry, Clock clock) {
    this(
        registry,
        clock,
        Map.of(DocumentFormat.JSON, new JsonCodec(), DocumentFormat.XML, new XmlCodec()));
  }

  ResponseCache(Registry registry, Clock clock, Map<DocumentFormat, Codec> codecs) {
    RegistrySettings settings = registry.settings();
    this.log = registry.changes();
    this.clock = clock;
    this.model = new ReadModel(log, settings, codecs, tagPrefix);
    this.at = model.at();
    this.undividedEndNs = clock.monotonicNs();
    this.representations = new RepresentationCache(settings.deltaRetentionMs(), log::bytesMax);
    for (BlockEncoding encoding : BlockEncoding.values()) {
      requestedNs.set(encoding.ordinal(), NEVER);
    }
    log.addFollower(() -> at);
    log.onAppend(this::onChange);
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * Requests the current representation; the callback is called at once if it is cached, else after
   * encoding.
   */
  public void request(CacheKey key, RepresentationCallback callback) {
    CachedRepresentation found = find(key);
    if (found != null) {
      callback.completed(found);
      return;
    }
    if (queue.add(key, callback)) {
      wake();
    } else {
      callback.failed(closed());
    }
  }

  /**
   * Returns the current {@link CachedRepresentation#tag}, or null if it is unknown without
   * encoding.
   */
  public @Nullable String currentTag(CacheKey key) {
    if (key.scope() == CacheScope.FULL) {
      return ReadModel.tag(tagPrefix, key, log.version());
    }
    CachedRepresentation found = find(key);
    return found == null ? null : found.tag();
  }

  private @Nullable CachedRepresentation find(CacheKey key) {
    long version = log.version();
    long nowNs = clock.monotonicNs();
    requestedNs.setOpaque(key.encoding().ordinal(), nowNs);
    return representations.find(key, version, nowNs);
  }

  /** Returns the version of the newest change. */
  public long version() {
    return log.version();
  }

  /**
   * Requests the current instances.
   *
   * @param name as in {@link CacheKey}
   * @param callback called on the encoding thread; must not block
   * @param failed called on failure, instead of the callback or after it threw; at once if the
   *     cache is closed
   */
  public void snapshot(
      CacheScope scope,
      String name,
      Consumer<ReadSnapshot> callback,
      Consumer<? super Throwable> failed) {
    submit(new ModelQuery(model -> callback.accept(model.snapshot(scope, name)), failed));
  }

  /**
   * Requests the names of all current applications, in order of appearance; as {@link #snapshot}.
   */
  public void applicationNames(
      Consumer<List<String>> callback, Consumer<? super Throwable> failed) {
    submit(new ModelQuery(model -> callback.accept(model.applicationNames()), failed));
  }

  private void submit(ModelQuery query) {
    if (queue.add(query)) {
      wake();
    } else {
      query.failed().accept(closed());
    }
  }

  /** Returns the number of failed encodings, queries and callbacks. */
  public long failures() {
    return failures.sum();
  }

  private void onChange() {
    if (log.version() - representations.validVersion() > UNREAD_CHANGES_MAX
        || log.bytesAfter(at) > UNREAD_BYTES_MAX) {
      wake();
    }
  }

  private void wake() {
    if (!isWoken.get() && isWoken.compareAndSet(false, true)) {
      LockSupport.unpark(thread);
    }
  }

  /** Stops the thread; pending requests fail. */
  @Override
  public void close() {
    queue.close();
    wake();
  }

  private void run() {
    while (!queue.isClosed()) {
      isWoken.set(false);
      runRound();
      if (!isWoken.get() && encodings.isEmpty() && undivided.isEmpty() && queries.isEmpty()) {
        LockSupport.parkNanos(TICK_NS);
      }
    }
    failAccepted(closed());
    queue.takeRequests().values().forEach(callbacks -> fail(callbacks, closed()));
    queue.takeQueries().forEach(query -> fail(query, closed()));
    model.close();
  }

  private static IllegalStateException closed() {
    return new IllegalStateException("response cache is closed");
  }

  private void runRound() {
    Map<CacheKey, List<RepresentationCallback>> taken = queue.takeRequests();
    queries.addAll(queue.takeQueries());
    try {
      advance();
    } catch (RuntimeException | Error wrong) {
      failures.increment();
      LOG.error("applying changes failed at={}", model.at().version(), wrong);
      taken.values().forEach(callbacks -> fail(callbacks, wrong));
      failAccepted(wrong);
      return;
    }
    taken.forEach(this::completeOrPrepare);
    executeQueries();
    advanceEncodings();
    discardUnused(clock.monotonicNs());
  }

  private void advance() {
    long nowNs = clock.monotonicNs();
    model.advance(nowNs);
    at = model.at();
    representations.advance(model, nowNs);
  }

  private void completeOrPrepare(CacheKey key, List<RepresentationCallback> callbacks) {
    EncodingQueue pending = key.scope().isUndivided() ? undivided : encodings;
    if (pending.join(key, callbacks)) {
      return;
    }
    boolean isCached = representations.find(key, model.at().version(), clock.monotonicNs()) != null;
    IncrementalEncoding encoding = isCached ? null : model.incrementalEncoding(key);
    if (encoding == null) {
      complete(key, callbacks);
    } else {
      pending.add(key, encoding, callbacks);
    }
  }

  /** Continues incremental encodings for one time slice, and completes finished ones. */
  private void advanceEncodings() {
    advance(encodings);
    long startNs = clock.monotonicNs();
    if (encodings.isEmpty() || startNs - undividedEndNs >= undividedNs) {
      advance(undivided);
      undividedEndNs = clock.monotonicNs();
      undividedNs = undividedEndNs - startNs;
    }
  }

  private void advance(EncodingQueue pending) {
    long startNs = clock.monotonicNs();
    pending.advance(model, () -> clock.monotonicNs() - startNs >= TIME_SLICE_NS, this::complete);
  }

  private void complete(CacheKey key, List<RepresentationCallback> callbacks) {
    long nowNs = clock.monotonicNs();
    try {
      CachedRepresentation representation = representations.find(key, model.at().version(), nowNs);
      if (representation == null) {
        representation = model.encode(key);
        if (representation != null) {
          representations.add(key, representation, model, nowNs);
        }
      }
      CachedRepresentation completed = representation;
      callbacks.forEach(callback -> runGuarded(() -> deliver(completed, callback)));
    } catch (RuntimeException | Error wrong) {
      failures.increment();
      LOG.error("encoding failed key={}", key, wrong);
      fail(callbacks, wrong);
    }
  }

  /** Executes queries for one time slice; each is short, but clients may send many. */
  private void executeQueries() {
    long startNs = clock.monotonicNs();
    while (!queries.isEmpty() && clock.monotonicNs() - startNs < TIME_SLICE_NS) {
      execute(queries.remove());
    }
  }

  private void execute(ModelQuery query) {
    try {
      query.action().accept(model);
    } catch (RuntimeException | Error wrong) {
      failures.increment();
      LOG.error("query failed", wrong);
      fail(query, wrong);
    }
  }

  /** Fails what was taken from the queue and is not complete. */
  private void failAccepted(Throwable cause) {
    fail(encodings.removeAll(), cause);
    fail(undivided.removeAll(), cause);
    queries.forEach(query -> fail(query, cause));
    queries.clear();
  }

  private void fail(ModelQuery query, Throwable cause) {
    runGuarded(() -> query.failed().accept(cause));
  }

  private void fail(List<RepresentationCallback> callbacks, Throwable cause) {
    callbacks.forEach(callback -> runGuarded(() -> callback.failed(cause)));
  }

  private static void deliver(
      @Nullable CachedRepresentation representation, RepresentationCallback callback) {
    if (representation == null) {
      callback.absent();
    } else {
      callback.completed(representation);
    }
  }

  /** A failing callback must not affect the others. */
  private void runGuarded(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException | Error wrong) {
      failures.increment();
      LOG.error("callback failed", wrong);
    }
  }

  private void discardUnused(long nowNs) {
    representations.removeUnused(UNUSED_NS, nowNs);
    for (BlockEncoding encoding : BlockEncoding.values()) {
      long lastNs = requestedNs.get(encoding.ordinal());
      boolean isUnused = lastNs != NEVER && nowNs - lastNs > UNUSED_NS;
      if (isUnused && requestedNs.compareAndSet(encoding.ordinal(), lastNs, NEVER)) {
        model.drop(encoding);
      }
    }
  }
}
