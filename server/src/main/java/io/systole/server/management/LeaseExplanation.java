// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.server.eviction.EvictionDecision;
import io.systole.server.eviction.EvictionForecast;
import io.systole.server.eviction.EvictionRules;
import io.systole.server.eviction.Evictor;
import io.systole.server.eviction.ProtectionReason;
import io.systole.server.eviction.RenewalDelaySummary;
import io.systole.server.registry.Change;
import io.systole.server.registry.LeaseDeadline;
import io.systole.server.registry.LeaseDetails;
import io.systole.server.registry.LeaseInspector;
import io.systole.server.registry.LeaseSnapshot;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What there is to say of a lease that stands. */
final class LeaseExplanation {
  private final LeaseInspector inspection;
  private final Evictor evictor;
  private final EvictionDecision judgement;
  private final boolean isStrict;

  LeaseExplanation(
      LeaseInspector inspection, Evictor evictor, EvictionDecision judgement, boolean isStrict) {
    this.inspection = inspection;
    this.evictor = evictor;
    this.judgement = judgement;
    this.isStrict = isStrict;
  }

  /** @param insisting the last amendment, if the instance has an override and it is still told */
  ObjectNode report(LeaseDetails lease, @Nullable Change insisting) {
    LeaseDeadline deadline = lease.state().deadline();
    EvictionForecast forecast = judgement.forecast(deadline);
    ObjectNode response = JsonResponses.object()
        .put("app", deadline.app())
        .put("id", deadline.key().id())
        .put("state", HumanText.nameOf(forecast.state()))
        .put("summary", restored(lease.state()) + summary(deadline, forecast));
    putLease(lease.state(), response.putObject("lease"));
    putStatus(lease, insisting, response.putObject("status"));
    putLateness(lease.state(), response.putObject("lateness"));
    putEviction(deadline, forecast, response.putObject("eviction"));
    return response;
  }

  private String restored(LeaseSnapshot state) {
    return state.deadline().isUnrenewed()
        ? "It was restored by a start of the node at "
            + HumanText.moment(inspection.wallMsAt(state.restoredNs()))
            + " and has not been renewed since. "
        : "";
  }

  private static String valid(LeaseDeadline deadline, long validMs) {
    String valid = "The lease is valid for another " + HumanText.span(validMs);
    return deadline.isUnrenewed()
        ? valid + "; then it is evicted, protected by no rule, unless it is renewed before."
        : valid + " and is extended by each renewal.";
  }

  private static String summary(LeaseDeadline deadline, EvictionForecast forecast) {
    String expired = "Its lease expired " + HumanText.span(forecast.expiredMs()) + " ago, ";
    String because = forecast.protections().stream()
        .map(protection -> HoldDescription.because(protection, deadline))
        .collect(Collectors.joining("; and "));
    return switch (forecast.state()) {
      case VALID -> valid(deadline, -forecast.expiredMs());
      case HELD -> expired + "but it is held by " + because + ".";
      case DRAWN ->
        expired + "and it is evicted with a chance of "
            + String.format(Locale.ROOT, "%.1f", 100 * forecast.chance())
            + " % in the next run, by "
            + because + ".";
      case DUE -> expired + "nothing holds it, and the next run evicts it.";
    };
  }

  private void putLease(LeaseSnapshot state, ObjectNode node) {
    long nowNs = judgement.nowNs();
    JsonResponses.putMoment(node, "registeredAt", inspection.wallMsAt(state.registeredNs()));
    if (state.isRestored()) {
      JsonResponses.putMoment(node, "restoredAt", inspection.wallMsAt(state.restoredNs()));
      node.put("isRenewedSinceRestore", !state.deadline().isUnrenewed());
    }
    if (state.isRenewed()) {
      JsonResponses.putMoment(node, "lastRenewalAt", inspection.wallMsAt(state.receivedNs()));
    } else {
      node.putNull("lastRenewalAt");
    }
    long deadlineNs = state.deadline().deadlineNs();
    JsonResponses.putMoment(node, "deadlineAt", inspection.wallMsAt(deadlineNs));
    if (nowNs > deadlineNs) {
      node.put("expiredForMs", ExplainEndpoint.ms(nowNs - deadlineNs));
    } else {
      node.put("validForMs", ExplainEndpoint.ms(deadlineNs - nowNs));
    }
    node.put("durationSecs", state.durationSecs())
        .put("renewalIntervalSecs", state.renewalIntervalSecs())
        .put("mode", isStrict ? "strict" : "netflix")
        .put("zone", state.deadline().zone());
  }

  private void putStatus(LeaseDetails lease, @Nullable Change insisting, ObjectNode node) {
    node.put("status", lease.status().name())
        .put("rule", lease.statusRule().name())
        .put("ruleNumber", HumanText.number(lease.statusRule()))
        .put("because", HumanText.reason(lease.statusRule()));
    if (lease.override() == null) {
      node.putNull("override");
      return;
    }
    ObjectNode override =
        node.putObject("override").put("status", lease.override().name());
    if (lease.isOverrideDue()) {
      override.put("note", "it comes into effect with the next heartbeat");
    }
    if (insisting != null && insisting.override() == lease.override()) {
      JsonResponses.putMoment(override, "lastChangedAt", inspection.wallMsAt(insisting.atNs()));
      override.put("by", HumanText.nameOf(insisting.origin()));
    }
  }

  private void putLateness(LeaseSnapshot state, ObjectNode node) {
    long intervalNs = TimeUnit.SECONDS.toNanos(state.renewalIntervalSecs());
    long lateNs = judgement.nowNs() - state.receivedNs() - intervalNs;
    RenewalDelaySummary app = evictor.renewalDelays().ofApp(state.deadline().app());
    node.put("nowLateMs", Math.max(0, ExplainEndpoint.ms(lateNs)))
        .put("renewalIntervalMs", ExplainEndpoint.ms(intervalNs));
    putSummary(app, node.putObject("application"));
  }

  static void putSummary(RenewalDelaySummary lateness, ObjectNode node) {
    node.put("of", lateness.app()).put("samples", lateness.count());
    if (lateness.count() > 0) {
      node.put("medianMs", lateness.medianMs())
          .put("p90Ms", lateness.p90Ms())
          .put("p99Ms", lateness.p99Ms())
          .put("maxMs", lateness.maxMs());
    }
  }

  private void putEviction(LeaseDeadline deadline, EvictionForecast forecast, ObjectNode node) {
    node.put("wouldBeEvicted", forecast.state() == EvictionForecast.State.DUE)
        .put("chance", forecast.chance());
    JsonResponses.putMoment(node, "nextRunAt", evictor.nextRunMs());
    List<ProtectionReason> protections = forecast.protections();
    ArrayNode rules = node.putArray("heldBy");
    protections.forEach(protection -> HoldDescription.put(protection, deadline, rules.addObject()));
    if (forecast.state() == EvictionForecast.State.HELD) {
      OptionalDouble share = judgement.shareThatReleases(deadline);
      if (share.orElse(0) >= EvictionRules.SHARE_MIN) {
        node.put("releasedFromAllByShare", share.getAsDouble());
      }
    }
  }
}
