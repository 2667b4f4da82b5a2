// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.protocol.model.EscapedText;
import io.systole.protocol.time.Clock;
import io.systole.server.eviction.EvictionDecision.ProtectedCounts;
import io.systole.server.eviction.Evictor;
import io.systole.server.eviction.QuantityText;
import io.systole.server.eviction.Simulation;
import io.systole.server.eviction.Simulation.SimulationResult;
import io.systole.server.eviction.SimulationRequest;
import io.systole.server.registry.LeaseDeadline;
import io.systole.server.registry.LeaseSnapshot;
import io.systole.server.registry.Registry;
import io.systole.server.route.AsyncRequestHandler;
import io.systole.server.route.Request;
import io.systole.server.route.Response;
import io.systole.server.route.ResponseCallback;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Simulates evictions: {@code POST /systole/simulate}. Read-only. Visits every lease once, on a
 * separate thread for each request, which uses at most a fifth of a core. Concurrent requests are
 * refused.
 */
public final class SimulateEndpoint implements AsyncRequestHandler {
  /** The time limit of a simulation. */
  static final long TIME_MAX_MS = 10_000;

  /** Leases between two polls of the pacer. */
  private static final int PACE_EVERY = 1_024;

  /** The maximum number of applications in a response. */
  static final int APPS_MAX = 100;

  /** The maximum number of evicted instances in a response. */
  static final int SAMPLE_MAX = 20;

  private static final Logger LOG = LoggerFactory.getLogger(SimulateEndpoint.class);

  private final Registry registry;
  private final Evictor evictor;
  private final Clock clock;
  private final long intervalMs;
  private final LongConsumer pauseNs;
  private final AtomicBoolean isRunning = new AtomicBoolean();

  /** @param intervalMs time between the node's eviction runs */
  public SimulateEndpoint(Registry registry, Evictor evictor, Clock clock, long intervalMs) {
    this(registry, evictor, clock, intervalMs, LockSupport::parkNanos);
  }

  /** @param pauseNs pauses the thread for a number of ns */
  SimulateEndpoint(
      Registry registry, Evictor evictor, Clock clock, long intervalMs, LongConsumer pauseNs) {
    this.pauseNs = pauseNs;
    this.registry = registry;
    this.evictor = evictor;
    this.clock = clock;
    this.intervalMs = intervalMs;
  }

  @Override
  @SuppressWarnings("ThreadPriorityCheck") // Only an optimization: the pauses are the limit.
  public void handle(Request request, ResponseCallback response) {
    SimulationRequest simulation;
    try {
      boolean isStrict = registry.settings().rules().isStrict();
      simulation =
          SimulationRequestParser.read(request.body(), evictor.rules(), isStrict, intervalMs);
    } catch (SimulationRequestParser.InvalidRequestException refused) {
      response.send(JsonResponses.refusal(400, String.valueOf(refused.getMessage())));
      return;
    }
    if (!isRunning.compareAndSet(false, true)) {
      response.send(
          JsonResponses.refusal(503, "Another simulation is running; only one runs at a time."));
      return;
    }
    Thread thread =
        new Thread(() -> response.send(response(simulation, request)), "systole-simulate");
    thread.setDaemon(true);
    thread.setPriority(Thread.MIN_PRIORITY);
    thread.start();
  }

  private Response response(SimulationRequest simulation, Request request) {
    try {
      SimulationResult then = simulate(simulation);
      log(then, request);
      return then == null
          ? JsonResponses.refusal(
              503, "The simulation exceeded " + TIME_MAX_MS + " ms; reduce the number of runs.")
          : JsonResponses.ok(document(then));
    } catch (RuntimeException defect) {
      LOG.error("a simulation failed", defect);
      return Response.INTERNAL_ERROR;
    } finally {
      // Before the response is sent: its receiver may send the next request.
      isRunning.set(false);
    }
  }

  private static void log(@Nullable SimulationResult then, Request request) {
    LOG.info(
        "operator action={} outcome={} evicted={} leases={} runs={} principal={} from={}",
        "simulate",
        then == null ? "timeout" : "done",
        then == null ? 0 : then.evicted().size(),
        then == null ? 0 : then.leases(),
        then == null ? 0 : then.runs(),
        EscapedText.token(request.principalText()),
        request.senderText());
  }

  /** Returns null after a timeout. */
  private @Nullable SimulationResult simulate(SimulationRequest simulation) {
    Pacer isTimedOut = new Pacer(clock, TIME_MAX_MS, pauseNs);
    List<LeaseSnapshot> states = new ArrayList<>(registry.leaseCount());
    registry.inspector().forEach(state -> {
      states.add(state);
      if (states.size() % PACE_EVERY == 0) {
        // A timeout is detected below.
        boolean unused = isTimedOut.getAsBoolean();
      }
    });
    long nowNs = clock.monotonicNs();
    return Simulation.run(
        simulation, states, evictor.selfPreservation(), evictor.grace(nowNs), nowNs, isTimedOut);
  }

  private static ObjectNode document(SimulationResult then) {
    int protectedCount = then.last().protectedByRule().values().stream()
        .mapToInt(Integer::intValue)
        .sum();
    ObjectNode response = JsonResponses.object()
        .put(
            "summary",
            QuantityText.count(then.evicted().size(), "lease", "leases") + " of " + then.leases()
                + " would be evicted in " + QuantityText.count(then.runs(), "run", "runs")
                + " within "
                + QuantityText.duration(then.afterMs()) + "; then "
                + QuantityText.count(protectedCount, "expired lease is", "expired leases are")
                + " protected.")
        .put("leases", then.leases())
        .put("silenced", then.silenced())
        .put("afterMs", then.afterMs())
        .put("runs", then.runs());
    putEvicted(then.evicted(), response.putObject("evicted"));
    ObjectNode last = response
        .putObject("lastRun")
        .put("expired", then.last().expired())
        .put("cap", then.last().cap())
        .put("renewals", then.last().selfPreservation().renewals())
        .put("renewalsThreshold", then.last().selfPreservation().threshold());
    ObjectNode rules = last.putObject("protectedByRule");
    then.last()
        .protectedByRule()
        .forEach((rule, count) -> rules.put(HumanText.nameOf(rule), count));
    ArrayNode apps = last.putArray("applicationsMostProtected");
    then.last().countsByApp().stream()
        .filter(app -> app.protectedCount() > 0)
        .limit(APPS_MAX)
        .forEach((ProtectedCounts app) ->
            apps.addObject().put("name", app.name()).put("protected", app.protectedCount()));
    return response;
  }

  private static void putEvicted(List<LeaseDeadline> evicted, ObjectNode node) {
    Map<String, Integer> byApp = new TreeMap<>();
    evicted.forEach(deadline -> byApp.merge(deadline.app(), 1, Integer::sum));
    node.put("count", evicted.size()).put("applicationCount", byApp.size());
    ArrayNode apps = node.putArray("applications");
    byApp.entrySet().stream()
        .sorted(Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder()))
        .limit(APPS_MAX)
        .forEach(
            entry -> apps.addObject().put("name", entry.getKey()).put("evicted", entry.getValue()));
    ArrayNode sample = node.putArray("sample");
    evicted.stream()
        .limit(SAMPLE_MAX)
        .forEach(deadline -> sample
            .addObject()
            .put("app", deadline.app())
            .put("id", deadline.key().id()));
  }
}
