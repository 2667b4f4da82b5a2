// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.server.eviction.ApplicationForecast;
import io.systole.server.eviction.ApplicationForecast.LeaseForecast;
import io.systole.server.eviction.EvictionDecision;
import io.systole.server.eviction.EvictionText;
import io.systole.server.eviction.Evictor;
import io.systole.server.eviction.ProtectionRule;
import io.systole.server.registry.LeaseDetails;
import io.systole.server.registry.LeaseInspector;
import io.systole.server.registry.Registry;
import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Explains the state of an application: {@code GET /systole/explain/{app}}. Linear in the leases.
 */
public final class ApplicationExplainEndpoint implements RequestHandler {
  /** The permitted query. */
  public static final QueryRules QUERY = QueryRules.of("limit");

  private final Registry registry;
  private final Evictor evictor;

  /** The number of instances of one application. */
  private static final class InstanceCounts {
    final ApplicationListEndpoint.StatusCounts statuses =
        new ApplicationListEndpoint.StatusCounts();
    int late;
  }

  public ApplicationExplainEndpoint(Registry registry, Evictor evictor) {
    this.registry = registry;
    this.evictor = evictor;
  }

  @Override
  public Response handle(Request request) {
    String app = request.variable("app").toUpperCase(Locale.ROOT);
    int limit = QueryRules.limit(request);
    EvictionDecision decision = evictor.decision();
    LeaseInspector inspector = registry.inspector();
    InstanceCounts counts = countsOf(app, decision.nowNs(), inspector);
    if (counts.statuses.sum() == 0) {
      return JsonResponses.refusal(404, HumanText.unknownApplication(app));
    }
    ApplicationForecast forecast = new ApplicationForecast(decision, app, limit);
    ObjectNode response = JsonResponses.object()
        .put("app", app)
        .put("summary", EvictionText.application(forecast, counts.statuses.sum(), counts.late))
        .put("instances", counts.statuses.sum());
    counts.statuses.putInto(response.putObject("statuses"));
    response.put("expired", forecast.expired()).put("protected", forecast.protectedCount());
    ObjectNode rules = response.putObject("protectedByRule");
    for (ProtectionRule rule : ProtectionRule.values()) {
      if (rule != ProtectionRule.CAP) {
        rules.put(HumanText.nameOf(rule), forecast.protectedByRule().getOrDefault(rule, 0));
      }
    }
    response
        .put("candidates", forecast.candidates())
        .put("due", forecast.due())
        .put("late", counts.late);
    LeaseExplanation.putSummary(
        evictor.renewalDelays().ofApp(app), response.putObject("renewalDelay"));
    JsonResponses.putTimestamp(response, "nextRunAt", evictor.nextRunMs());
    putExpired(forecast, decision, response.putArray("instancesExpired"));
    return JsonResponses.ok(response);
  }

  private static InstanceCounts countsOf(String app, long nowNs, LeaseInspector inspector) {
    InstanceCounts counts = new InstanceCounts();
    inspector.forEachInstance((document, override, deadlineNs, lastContactNs) -> {
      if (document.app().equals(app)) {
        counts.statuses.add(document.status());
        if (LeaseInspector.isLate(document, deadlineNs, lastContactNs, nowNs)) {
          counts.late++;
        }
      }
    });
    return counts;
  }

  private void putExpired(
      ApplicationForecast forecast, EvictionDecision decision, ArrayNode instances) {
    LeaseInspector inspector = registry.inspector();
    LeaseExplanation explanation = new LeaseExplanation(
        inspector, evictor, decision, registry.settings().rules().isStrict());
    for (LeaseForecast lease : forecast.longestExpired()) {
      LeaseDetails details = inspector.find(lease.deadline().key());
      // Removed, or renewed and so no longer expired, since the decision.
      if (details != null && details.snapshot().deadline().equals(lease.deadline())) {
        instances
            .addObject()
            .put("id", lease.deadline().key().id())
            .put("state", HumanText.nameOf(lease.forecast().state()))
            .put("summary", explanation.summary(details.snapshot(), lease.forecast()));
      }
    }
  }
}
