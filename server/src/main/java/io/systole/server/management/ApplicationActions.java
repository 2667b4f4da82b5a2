// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.protocol.model.EscapedText;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.time.Clock;
import io.systole.server.registry.Registry;
import io.systole.server.route.AsyncRequestHandler;
import io.systole.server.route.Request;
import io.systole.server.route.Response;
import io.systole.server.route.ResponseCallback;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;
import tools.jackson.databind.node.ObjectNode;

/**
 * Changes all leases of an application for an operator: {@code POST /systole/evict/{app}},
 * {@code POST /systole/extend/{app}}, {@code PUT} and {@code DELETE /systole/override/{app}}.
 *
 * <p>An application may have 100,000 instances, and each change is read by the response cache, the
 * journal and every peer. So one thread changes one application at a time, uses at most a fifth of
 * a core, and pauses while readers of the changes are behind.
 */
public final class ApplicationActions implements AutoCloseable {
  /** The time limit of one request, after which the remaining leases are left unchanged. */
  static final long TIME_MAX_MS = 20_000;

  /** The maximum number of waiting requests; further ones receive 503. */
  static final int WAITING_MAX = 16;

  /** Leases between two polls of the pacer. */
  private static final int PACE_EVERY = 16;

  /** The pause while readers of the changes are behind. */
  private static final long BACKLOG_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(10);

  private static final Logger LOG = LoggerFactory.getLogger(ApplicationActions.class);

  /** Each value has a placeholder: those of a line in JSON are named by the text before it. */
  private static final String LINE =
      "operator action={} app={} outcome={} count={} left={} principal={} from={}";

  private static final String LINE_WITH_STATUS =
      "operator action={} app={} status={} outcome={} count={} left={} principal={} from={}";

  private final Registry registry;
  private final Clock clock;
  private final LongConsumer pauseNs;
  private final ThreadPoolExecutor thread;
  private volatile boolean isClosed;

  /**
   * The outcome for an application.
   *
   * @param done the number of changed leases
   * @param left the number of leases that were not tried for lack of time
   */
  private record ActionOutcome(int done, int left) {}

  public ApplicationActions(Registry registry, Clock clock) {
    this(registry, clock, LockSupport::parkNanos);
  }

  /** @param pauseNs pauses the thread for a number of ns */
  ApplicationActions(Registry registry, Clock clock, LongConsumer pauseNs) {
    this.registry = registry;
    this.clock = clock;
    this.pauseNs = pauseNs;
    this.thread = new ThreadPoolExecutor(
        1,
        1,
        1,
        TimeUnit.SECONDS,
        new LinkedBlockingQueue<>(WAITING_MAX),
        ApplicationActions::daemon);
    thread.allowCoreThreadTimeOut(true);
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "systole-actions");
    thread.setDaemon(true);
    return thread;
  }

  public AsyncRequestHandler eviction() {
    return handler(OperatorAction.eviction(registry));
  }

  public AsyncRequestHandler extension() {
    return handler(OperatorAction.extension(registry));
  }

  public AsyncRequestHandler setOverride() {
    return handler(OperatorAction.setOverride(registry));
  }

  public AsyncRequestHandler removeOverride() {
    return handler(OperatorAction.removeOverride(registry));
  }

  private AsyncRequestHandler handler(OperatorAction.Factory actions) {
    return (request, callback) -> {
      OperatorAction action = actions.of(request);
      try {
        thread.execute(() -> respond(action, request, callback));
      } catch (RejectedExecutionException full) {
        callback.send(JsonResponses.refusal(
            503, "Too many other applications are being changed; try again later."));
      }
    };
  }

  private void respond(OperatorAction action, Request request, ResponseCallback callback) {
    Response response;
    try {
      response = response(action, request);
    } catch (RuntimeException defect) {
      LOG.error("an action on an application failed", defect);
      response = Response.INTERNAL_ERROR;
    }
    callback.send(response);
  }

  private Response response(OperatorAction action, Request request) {
    String app = request.variable("app").toUpperCase(Locale.ROOT);
    boolean isKnown = registry.leaseCounts().ofApp(app) > 0;
    ActionOutcome outcome = isKnown ? apply(action, app) : new ActionOutcome(0, 0);
    LoggingEventBuilder line =
        LOG.atInfo().addArgument(action.name()).addArgument(() -> EscapedText.token(app));
    if (action.status() != null) {
      line = line.addArgument(action.status());
    }
    line.addArgument(isKnown ? outcome.left > 0 ? "timeout" : "done" : "no_lease")
        .addArgument(outcome.done)
        .addArgument(outcome.left)
        .addArgument(() -> EscapedText.token(request.principalText()))
        .addArgument(request::senderText)
        .log(action.status() == null ? LINE : LINE_WITH_STATUS);
    if (!isKnown) {
      return JsonResponses.refusal(404, HumanText.unknownApplication(app));
    }
    ObjectNode document = JsonResponses.object()
        .put("app", app)
        .put("action", action.name())
        .put("done", outcome.done)
        .put("left", outcome.left)
        .put("summary", summary(action, app, outcome));
    return JsonResponses.ok(document);
  }

  private static String summary(OperatorAction action, String app, ActionOutcome outcome) {
    String summary = action.summary().of(outcome.done, app);
    return outcome.left == 0
        ? summary
        : summary + " The time limit was reached; repeat the request for the other " + outcome.left
            + ".";
  }

  private ActionOutcome apply(OperatorAction action, String app) {
    List<InstanceKey> keys = new ArrayList<>();
    registry.inspector().forEachInstance((document, override, deadlineNs, lastContactNs) -> {
      if (document.app().equals(app) && (!action.isForOverridden() || override != null)) {
        keys.add(document.key());
      }
    });
    Pacer pacer = new Pacer(clock, TIME_MAX_MS, pauseNs);
    int done = 0;
    for (int next = 0; next < keys.size(); next++) {
      if (next % PACE_EVERY == 0 && mustStop(pacer)) {
        return new ActionOutcome(done, keys.size() - next);
      }
      if (action.effect().test(keys.get(next))) {
        done++;
      }
    }
    return new ActionOutcome(done, 0);
  }

  /** Pauses if that is due, or readers are behind; returns whether the time limit is exceeded. */
  private boolean mustStop(Pacer pacer) {
    boolean isTimedOut = pacer.getAsBoolean();
    while (!isTimedOut && !isClosed && registry.changes().isBacklogged()) {
      pauseNs.accept(BACKLOG_PAUSE_NS);
      isTimedOut = pacer.getAsBoolean();
    }
    return isTimedOut || isClosed;
  }

  /** Stops the changes: the registry must not change once the node has stopped. */
  @Override
  public void close() {
    isClosed = true;
    thread.shutdownNow();
  }
}
