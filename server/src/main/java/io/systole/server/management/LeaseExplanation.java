// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.server.eviction.EvictionDecision;
import io.systole.server.eviction.EvictionForecast;
import io.systole.server.eviction.EvictionForecast.ProtectionReason;
import io.systole.server.eviction.EvictionRules;
import io.systole.server.eviction.EvictionText;
import io.systole.server.eviction.Evictor;
import io.systole.server.eviction.RenewalDelays.RenewalDelaySummary;
import io.systole.server.registry.Change;
import io.systole.server.registry.LeaseDeadline;
import io.systole.server.registry.LeaseDetails;
import io.systole.server.registry.LeaseInspector;
import io.systole.server.registry.LeaseSnapshot;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Explains an existing lease in JSON. */
final class LeaseExplanation {
  private final LeaseInspector inspector;
  private final Evictor evictor;
  private final EvictionDecision decision;
  private final boolean isStrict;

  LeaseExplanation(
      LeaseInspector inspector, Evictor evictor, EvictionDecision decision, boolean isStrict) {
    this.inspector = inspector;
    this.evictor = evictor;
    this.decision = decision;
    this.isStrict = isStrict;
  }

  /** @param overrideChange the change that set the override, if retained */
  ObjectNode toJson(LeaseDetails lease, @Nullable Change overrideChange) {
    LeaseDeadline deadline = lease.snapshot().deadline();
    EvictionForecast forecast = EvictionForecast.of(decision, deadline);
    ObjectNode response = JsonResponses.object()
        .put("app", deadline.app())
        .put("id", deadline.key().id())
        .put("state", HumanText.nameOf(forecast.state()))
        .put("summary", summary(lease.snapshot(), forecast));
    putLease(lease.snapshot(), response.putObject("lease"));
    putStatus(lease, overrideChange, response.putObject("status"));
    putRenewalDelay(lease.snapshot(), response.putObject("renewalDelay"));
    putEviction(deadline, forecast, response.putObject("eviction"));
    return response;
  }

  /** Returns sentences on a lease, with its restore if it has not been renewed since. */
  String summary(LeaseSnapshot state, EvictionForecast forecast) {
    return restored(state)
        + EvictionText.lease(state.deadline(), forecast)
        + (isLeftToOthers(state.deadline(), forecast)
            ? " That run is one of another member of the cluster, which is responsible for the lease."
            : "");
  }

  private boolean isLeftToOthers(LeaseDeadline deadline, EvictionForecast forecast) {
    return switch (forecast.state()) {
      case DUE, CANDIDATE -> !evictor.isResponsible(deadline);
      case VALID, PROTECTED -> false;
    };
  }

  private String restored(LeaseSnapshot state) {
    return state.deadline().isUnrenewed()
        ? "The lease was restored when the node started at "
            + HumanText.timestamp(inspector.wallMsAt(state.restoredNs()))
            + " and has not been renewed since. "
        : "";
  }

  private void putLease(LeaseSnapshot state, ObjectNode node) {
    long nowNs = decision.nowNs();
    JsonResponses.putTimestamp(node, "registeredAt", inspector.wallMsAt(state.registeredNs()));
    if (state.isRestored()) {
      JsonResponses.putTimestamp(node, "restoredAt", inspector.wallMsAt(state.restoredNs()));
      node.put("isRenewedSinceRestore", !state.deadline().isUnrenewed());
    }
    if (state.isRenewed()) {
      JsonResponses.putTimestamp(node, "lastRenewalAt", inspector.wallMsAt(state.lastContactNs()));
    } else {
      node.putNull("lastRenewalAt");
    }
    long deadlineNs = state.deadline().deadlineNs();
    JsonResponses.putTimestamp(node, "deadlineAt", inspector.wallMsAt(deadlineNs));
    putValidity(nowNs, deadlineNs, node);
    node.put("durationSecs", state.durationSecs())
        .put("renewalIntervalSecs", state.renewalIntervalSecs())
        .put("mode", isStrict ? "strict" : "netflix")
        .put("zone", state.deadline().zone());
  }

  /** Adds how long the lease is still valid, or has been expired. */
  static void putValidity(long nowNs, long deadlineNs, ObjectNode node) {
    if (nowNs > deadlineNs) {
      node.put("expiredForMs", HumanText.wholeMs(nowNs - deadlineNs));
    } else {
      node.put("validForMs", HumanText.wholeMs(deadlineNs - nowNs));
    }
  }

  private void putStatus(LeaseDetails lease, @Nullable Change overrideChange, ObjectNode node) {
    node.put("status", lease.status().name())
        .put("rule", lease.statusRule().name())
        .put("ruleNumber", HumanText.ruleNumber(lease.statusRule()))
        .put("because", HumanText.statusReason(lease.statusRule()));
    if (lease.override() == null) {
      node.putNull("override");
      return;
    }
    ObjectNode override =
        node.putObject("override").put("status", lease.override().name());
    if (lease.isOverrideDue()) {
      override.put("note", "takes effect with the next heartbeat");
    }
    if (overrideChange != null && overrideChange.override() == lease.override()) {
      JsonResponses.putTimestamp(
          override, "lastChangedAt", inspector.wallMsAt(overrideChange.atNs()));
      override.put("by", HumanText.nameOf(overrideChange.origin()));
    }
  }

  private void putRenewalDelay(LeaseSnapshot state, ObjectNode node) {
    long intervalNs = TimeUnit.SECONDS.toNanos(state.renewalIntervalSecs());
    long lateNs = decision.nowNs() - state.lastContactNs() - intervalNs;
    RenewalDelaySummary app = evictor.renewalDelays().ofApp(state.deadline().app());
    node.put("currentDelayMs", Math.max(0, HumanText.wholeMs(lateNs)))
        .put("renewalIntervalMs", HumanText.wholeMs(intervalNs));
    putSummary(app, node.putObject("application"));
  }

  static void putSummary(RenewalDelaySummary delays, ObjectNode node) {
    node.put("of", delays.app()).put("samples", delays.count());
    if (delays.count() > 0) {
      node.put("medianMs", delays.medianMs())
          .put("p90Ms", delays.p90Ms())
          .put("p99Ms", delays.p99Ms())
          .put("maxMs", delays.maxMs());
    }
  }

  private void putEviction(LeaseDeadline deadline, EvictionForecast forecast, ObjectNode node) {
    node.put("wouldBeEvicted", forecast.state() == EvictionForecast.State.DUE)
        .put("chance", forecast.chance());
    JsonResponses.putTimestamp(node, "nextRunAt", evictor.nextRunMs());
    List<ProtectionReason> protections = forecast.protections();
    ArrayNode rules = node.putArray("protectedBy");
    protections.forEach(
        protection -> ProtectionDescription.put(protection, deadline, rules.addObject()));
    if (forecast.state() == EvictionForecast.State.PROTECTED) {
      OptionalDouble share = EvictionForecast.releasingShare(decision, deadline);
      if (share.orElse(0) >= EvictionRules.SHARE_MIN) {
        node.put("releasedFromAllByShare", share.getAsDouble());
      }
    }
  }
}
