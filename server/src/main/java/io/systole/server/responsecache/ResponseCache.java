// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import io.systole.protocol.codec.Codec;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.codec.XmlCodec;
import io.systole.server.registry.Change;
import io.systole.server.registry.ChangeLog;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.responsecache.CacheKey.CacheScope;
import io.systole.server.time.Clock;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The answers that many readers ask for, made as they change. Any thread may call; none waits. */
public final class ResponseCache implements AutoCloseable {
  /*
   * One thread reads the registry's changes into a model of its own and makes all answers from it;
   * nothing here takes the registry's monitor. It goes in rounds: take all questions there are, catch
   * up with the log, answer them. So an answer shows every change that was made before it was asked
   * for, and of one key there is at most one question taken and one waiting, however many ask it.
   * Answers that still hold are found without the thread.
   *
   * An answer that isn't encoded yet may take seconds. So long ones are prepared in turns, at most one
   * a round, behind what is quickly answered, and are put together in the round in which they are
   * ready, from the model as it is then. Between two of its turns the thread doesn't sleep.
   *
   * The thread sleeps until it is woken or TICK_NS have passed. `isWoken` is set before the thread is
   * unparked and cleared by it before it looks for work, so nothing is overlooked and many changes
   * wake it once. It lets UNREAD_CHANGES_MAX of them come together when nobody asks, or
   * UNREAD_BYTES_MAX. So the log is held back by no more than these and what is changed during one
   * round; the registry takes no documents while that is too much.
   */

  private static final Logger LOG = LoggerFactory.getLogger(ResponseCache.class);

  /** How long encoded pieces are kept that nobody asks for, and answers too. */
  static final long SILENCE_NS = TimeUnit.SECONDS.toNanos(180);

  /** How long the thread sleeps when nothing wakes it; what grew old goes this much later. */
  private static final long TICK_NS = TimeUnit.SECONDS.toNanos(1);

  private static final int UNREAD_CHANGES_MAX = 256;

  private static final int UNREAD_BYTES_MAX = 1 << 20;

  /** How long answers are prepared while others may wait. */
  static final long TURN_NS = TimeUnit.MILLISECONDS.toNanos(20);

  private static final long NEVER = Long.MIN_VALUE;

  /** What is asked of the model itself; who asked is answered by one or the other. */
  private record ModelQuery(Consumer<ReadModel> action, Consumer<? super Throwable> failed) {}

  private final ChangeLog log;
  private final Clock clock;
  private final String boot = Long.toHexString(new SecureRandom().nextLong());
  private final ReadModel model;
  private final RepresentationCache ready;

  /** The last change that the model shows. */
  private volatile Change at;

  private final LongAdder failures = new LongAdder();
  private final Thread thread = new Thread(this::run, "systole-views");
  private final AtomicBoolean isWoken = new AtomicBoolean();
  private volatile boolean isClosed;

  /** When a style was last asked for, by its number, or NEVER once its pieces were given back. */
  private final AtomicLongArray requestedNs = new AtomicLongArray(BlockEncoding.COUNT);

  /** The thread's own. */
  private final EncodingQueue longOnes = new EncodingQueue();

  private final Object monitor = new Object();

  /** Guarded by the monitor, as the questions. */
  private Map<CacheKey, List<RepresentationCallback>> wanted = new LinkedHashMap<>();

  private List<ModelQuery> questions = new ArrayList<>();

  /**
   * Makes views of a registry, and the thread that keeps them.
   *
   * @throws IllegalStateException when the registry has forgotten changes already
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
    this.model = new ReadModel(log, settings, codecs, boot);
    this.at = model.at();
    this.ready =
        new RepresentationCache(settings.deltaRetentionMs(), settings.bytes().changesMax());
    for (BlockEncoding encoding : BlockEncoding.values()) {
      requestedNs.set(encoding.ordinal(), NEVER);
    }
    log.addFollower(() -> at);
    log.onAppend(this::noteChange);
    thread.setDaemon(true);
    thread.start();
  }

  // ---------------------------------------------------------------- for any thread

  /** Gives the answer as of now: at once when there is one that holds, else as soon as made. */
  public void view(CacheKey key, RepresentationCallback callback) {
    CachedRepresentation found = find(key);
    if (found != null) {
      callback.take(found);
      return;
    }
    synchronized (monitor) {
      if (!isClosed) {
        wanted.computeIfAbsent(key, any -> new ArrayList<>()).add(callback);
        wake();
        return;
      }
    }
    callback.failed(closed());
  }

  /**
   * The {@link CachedRepresentation#tag} that the answer would have as of now, if that is known
   * without making it.
   */
  public @Nullable String currentTag(CacheKey key) {
    if (key.extent() == CacheScope.FULL) {
      return ReadModel.tag(boot, key, log.version());
    }
    CachedRepresentation found = find(key);
    return found == null ? null : found.tag();
  }

  private @Nullable CachedRepresentation find(CacheKey key) {
    long version = log.version();
    long nowNs = clock.monotonicNs();
    requestedNs.setOpaque(key.encoding().ordinal(), nowNs);
    return ready.find(key, version, nowNs);
  }

  /** The newest change's version. */
  public long versionNow() {
    return log.version();
  }

  /**
   * Gives the instances as of now, and where to go on from.
   *
   * @param name as in {@link CacheKey}
   * @param callback called on the thread that makes views, which must not be kept
   * @param failed called when there is no answer: instead, after a taker that threw, or at once
   *     when closed
   */
  public void cut(
      CacheScope extent,
      String name,
      Consumer<ReadSnapshot> callback,
      Consumer<? super Throwable> failed) {
    ask(new ModelQuery(model -> callback.accept(model.cut(extent, name)), failed));
  }

  /** Gives the names of all applications as of now, in order of appearance; as {@link #cut}. */
  public void applicationNames(
      Consumer<List<String>> callback, Consumer<? super Throwable> failed) {
    ask(new ModelQuery(model -> callback.accept(model.applicationNames()), failed));
  }

  private void ask(ModelQuery question) {
    synchronized (monitor) {
      if (!isClosed) {
        questions.add(question);
        wake();
        return;
      }
    }
    question.failed().accept(closed());
  }

  /** How many answers could not be made. */
  public long failures() {
    return failures.sum();
  }

  private void noteChange() {
    if (log.version() - ready.upTo() > UNREAD_CHANGES_MAX
        || log.bytesAfter(at) > UNREAD_BYTES_MAX) {
      wake();
    }
  }

  private void wake() {
    if (!isWoken.get() && isWoken.compareAndSet(false, true)) {
      LockSupport.unpark(thread);
    }
  }

  /** Ends the thread; who waits for an answer is told. */
  @Override
  public void close() {
    synchronized (monitor) {
      isClosed = true;
    }
    wake();
  }

  // ---------------------------------------------------------------- the views' thread

  private void run() {
    while (!isClosed) {
      isWoken.set(false);
      round();
      if (!isWoken.get() && longOnes.isEmpty()) {
        LockSupport.parkNanos(TICK_NS);
      }
    }
    fail(longOnes.giveUp(), closed());
    takeWanted().values().forEach(callbacks -> fail(callbacks, closed()));
    takeQuestions().forEach(question -> fail(question, closed()));
    model.close();
  }

  private static IllegalStateException closed() {
    return new IllegalStateException("views are closed");
  }

  private void round() {
    Map<CacheKey, List<RepresentationCallback>> taken = takeWanted();
    List<ModelQuery> requested = takeQuestions();
    try {
      advance();
    } catch (RuntimeException | Error wrong) {
      failures.increment();
      LOG.error("can't catch up with the changes at={}", model.at().version(), wrong);
      taken.values().forEach(callbacks -> fail(callbacks, wrong));
      requested.forEach(question -> fail(question, wrong));
      fail(longOnes.giveUp(), wrong);
      return;
    }
    taken.forEach(this::responseOrPrepare);
    requested.forEach(this::response);
    prepare();
    dropSilent(clock.monotonicNs());
  }

  private Map<CacheKey, List<RepresentationCallback>> takeWanted() {
    synchronized (monitor) {
      Map<CacheKey, List<RepresentationCallback>> taken = wanted;
      wanted = new LinkedHashMap<>();
      return taken;
    }
  }

  private List<ModelQuery> takeQuestions() {
    synchronized (monitor) {
      List<ModelQuery> taken = questions;
      questions = new ArrayList<>();
      return taken;
    }
  }

  private void advance() {
    long nowNs = clock.monotonicNs();
    model.advance(nowNs);
    at = model.at();
    ready.advance(model, nowNs);
  }

  private void responseOrPrepare(CacheKey key, List<RepresentationCallback> callbacks) {
    if (longOnes.join(key, callbacks)) {
      return;
    }
    boolean holds = ready.find(key, model.at().version(), clock.monotonicNs()) != null;
    IncrementalEncoding preparation = holds ? null : model.preparation(key);
    if (preparation == null) {
      response(key, callbacks);
    } else {
      longOnes.add(key, preparation, callbacks);
    }
  }

  /** Takes a turn at what is long, and answers what is ready. */
  private void prepare() {
    long startNs = clock.monotonicNs();
    BooleanSupplier isOver = () -> clock.monotonicNs() - startNs >= TURN_NS;
    longOnes.takeTurn(model, isOver, this::response);
  }

  private void response(CacheKey key, List<RepresentationCallback> callbacks) {
    long nowNs = clock.monotonicNs();
    try {
      CachedRepresentation view = ready.find(key, model.at().version(), nowNs);
      if (view == null) {
        view = model.view(key);
        if (view != null) {
          ready.add(key, view, model, nowNs);
        }
      }
      CachedRepresentation made = view;
      callbacks.forEach(callback -> guarded("taker", () -> give(made, callback)));
    } catch (RuntimeException | Error wrong) {
      failures.increment();
      LOG.error("no answer key={}", key, wrong);
      fail(callbacks, wrong);
    }
  }

  private void response(ModelQuery question) {
    try {
      question.action().accept(model);
    } catch (RuntimeException | Error wrong) {
      failures.increment();
      LOG.error("no answer to a question", wrong);
      fail(question, wrong);
    }
  }

  private void fail(ModelQuery question, Throwable cause) {
    guarded("question", () -> question.failed().accept(cause));
  }

  private void fail(List<RepresentationCallback> callbacks, Throwable cause) {
    callbacks.forEach(callback -> guarded("taker", () -> callback.failed(cause)));
  }

  private static void give(@Nullable CachedRepresentation view, RepresentationCallback callback) {
    if (view == null) {
      callback.absent();
    } else {
      callback.take(view);
    }
  }

  /** What goes wrong in one thing must not keep the thread from the next. */
  private void guarded(String what, Runnable action) {
    try {
      action.run();
    } catch (RuntimeException | Error wrong) {
      failures.increment();
      LOG.error("failed: {}", what, wrong);
    }
  }

  private void dropSilent(long nowNs) {
    ready.forgetSilent(SILENCE_NS, nowNs);
    for (BlockEncoding encoding : BlockEncoding.values()) {
      long lastNs = requestedNs.get(encoding.ordinal());
      boolean isSilent = lastNs != NEVER && nowNs - lastNs > SILENCE_NS;
      if (isSilent && requestedNs.compareAndSet(encoding.ordinal(), lastNs, NEVER)) {
        model.drop(encoding);
      }
    }
  }
}
