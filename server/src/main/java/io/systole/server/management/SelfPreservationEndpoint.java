// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.server.eviction.EvictionDecision;
import io.systole.server.eviction.EvictionDecision.ProtectedCounts;
import io.systole.server.eviction.EvictionRules;
import io.systole.server.eviction.EvictionRun;
import io.systole.server.eviction.EvictionText;
import io.systole.server.eviction.Evictor;
import io.systole.server.eviction.ProtectionRule;
import io.systole.server.eviction.SelfPreservation;
import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reports the protected leases and what would end their protection: {@code GET
 * /systole/self-preservation}.
 */
public final class SelfPreservationEndpoint implements RequestHandler {
  /** The maximum number of applications, or zones, in a response. */
  static final int NAMES_MAX = 100;

  private final Evictor evictor;

  public SelfPreservationEndpoint(Evictor evictor) {
    this.evictor = evictor;
  }

  @Override
  public Response handle(Request request) {
    EvictionDecision decision = evictor.decision();
    SelfPreservation preservation = decision.selfPreservation();
    EvictionRules rules = evictor.rules();
    ObjectNode response = JsonResponses.object()
        .put("summary", EvictionText.selfPreservation(preservation, decision.protectedByRule()));
    response
        .put("isActive", preservation.isActive())
        .put("isEnabled", preservation.isEnabled())
        .put("isBelowThreshold", preservation.isBelowThreshold());
    long sinceMs = evictor.activeSinceMs();
    if (sinceMs > 0) {
      JsonResponses.putTimestamp(response, "activeSince", sinceMs);
    }
    response
        .put("renewalsObserved", preservation.renewals())
        .put("renewalsExpected", preservation.renewalsExpected())
        .put("renewalsThreshold", preservation.threshold())
        .put("renewalShare", preservation.share())
        .put("clientsExpected", preservation.clientsExpected())
        .put("expectedBy", HumanText.nameOf(rules.threshold()));
    preservation.renewalsMissing().ifPresent(missing -> response.put("renewalsMissing", missing));
    if (preservation.releasingShare().orElse(0) >= EvictionRules.SHARE_MIN) {
      response.put("releasedByShare", preservation.releasingShare().getAsDouble());
    }
    ArrayNode protections = response.putArray("protect");
    rules.protections().stream().sorted().map(HumanText::nameOf).forEach(protections::add);
    response.put("protectForMs", rules.protectMs());
    putProtected(decision, response.putObject("now"));
    putRun(evictor.lastRun(), response.putObject("lastRun"));
    LeaseExplanation.putSummary(
        evictor.renewalDelays().overall(), response.putObject("renewalDelay"));
    return JsonResponses.ok(response);
  }

  private static void putProtected(EvictionDecision decision, ObjectNode node) {
    node.put("expired", decision.expired()).put("cap", decision.cap());
    putRules(decision.protectedByRule(), node.putObject("protectedByRule"));
    put(decision.countsByApp(), node.putObject("applications"));
    put(decision.countsByZone(), node.putObject("zones"));
  }

  private static void putRules(Map<ProtectionRule, Integer> counts, ObjectNode node) {
    for (ProtectionRule rule : ProtectionRule.values()) {
      node.put(HumanText.nameOf(rule), counts.getOrDefault(rule, 0));
    }
  }

  private static void put(List<ProtectedCounts> all, ObjectNode node) {
    node.put("count", all.size());
    ArrayNode first = node.putArray("mostProtected");
    all.stream()
        .limit(NAMES_MAX)
        .forEach(some -> first
            .addObject()
            .put("name", some.name())
            .put("leases", some.leases())
            .put("expired", some.expired())
            .put("protected", some.protectedCount()));
  }

  private static void putRun(EvictionRun run, ObjectNode node) {
    JsonResponses.putTimestamp(node, "at", run.atMs());
    node.put("leases", run.leases())
        .put("expired", run.expired())
        .put("cap", run.cap())
        .put("evicted", run.evicted())
        .put("graceMs", run.graceMs());
    putRules(run.protectedByRule(), node.putObject("protectedByRule"));
    ObjectNode since = node.putObject("protectedSince");
    run.protectedSinceMs()
        .forEach((rule, atMs) -> since.put(HumanText.nameOf(rule), HumanText.timestamp(atMs)));
  }
}
