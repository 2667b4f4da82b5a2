// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.server.eviction.EvictionRules;
import io.systole.server.eviction.Evictor;
import io.systole.server.eviction.Hold;
import io.systole.server.eviction.Judgement;
import io.systole.server.eviction.LatenessSummary;
import io.systole.server.eviction.Verdict;
import io.systole.server.registry.Change;
import io.systole.server.registry.Inspection;
import io.systole.server.registry.LeaseRecord;
import io.systole.server.registry.LeaseState;
import io.systole.server.registry.Term;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What there is to say of a lease that stands. */
final class LeaseStory {
  private final Inspection inspection;
  private final Evictor evictor;
  private final Judgement judgement;
  private final boolean isStrict;

  LeaseStory(Inspection inspection, Evictor evictor, Judgement judgement, boolean isStrict) {
    this.inspection = inspection;
    this.evictor = evictor;
    this.judgement = judgement;
    this.isStrict = isStrict;
  }

  /** @param insisting the last amendment, if the instance has an override and it is still told */
  ObjectNode tell(LeaseRecord lease, @Nullable Change insisting) {
    Term term = lease.state().term();
    Verdict verdict = judgement.verdict(term);
    ObjectNode answer = Documents.object()
        .put("app", term.app())
        .put("id", term.key().id())
        .put("state", Words.nameOf(verdict.state()))
        .put("summary", restored(lease.state()) + summary(term, verdict));
    putLease(lease.state(), answer.putObject("lease"));
    putStatus(lease, insisting, answer.putObject("status"));
    putLateness(lease.state(), answer.putObject("lateness"));
    putEviction(term, verdict, answer.putObject("eviction"));
    return answer;
  }

  private String restored(LeaseState state) {
    return state.term().isUnrenewed()
        ? "It was restored by a start of the node at "
            + Words.moment(inspection.wallMsAt(state.restoredNs()))
            + " and has not been renewed since. "
        : "";
  }

  private static String valid(Term term, long validMs) {
    String valid = "The lease is valid for another " + Words.span(validMs);
    return term.isUnrenewed()
        ? valid + "; then it is evicted, protected by no rule, unless it is renewed before."
        : valid + " and is extended by each renewal.";
  }

  private static String summary(Term term, Verdict verdict) {
    String expired = "Its lease expired " + Words.span(verdict.expiredMs()) + " ago, ";
    String because = verdict.holds().stream()
        .map(hold -> HoldText.because(hold, term))
        .collect(Collectors.joining("; and "));
    return switch (verdict.state()) {
      case VALID -> valid(term, -verdict.expiredMs());
      case HELD -> expired + "but it is held by " + because + ".";
      case DRAWN ->
        expired + "and it is evicted with a chance of "
            + String.format(Locale.ROOT, "%.1f", 100 * verdict.chance()) + " % in the next run, by "
            + because + ".";
      case DUE -> expired + "nothing holds it, and the next run evicts it.";
    };
  }

  private void putLease(LeaseState state, ObjectNode node) {
    long nowNs = judgement.nowNs();
    Documents.putMoment(node, "registeredAt", inspection.wallMsAt(state.registeredNs()));
    if (state.isRestored()) {
      Documents.putMoment(node, "restoredAt", inspection.wallMsAt(state.restoredNs()));
      node.put("isRenewedSinceRestore", !state.term().isUnrenewed());
    }
    if (state.isRenewed()) {
      Documents.putMoment(node, "lastRenewalAt", inspection.wallMsAt(state.heardNs()));
    } else {
      node.putNull("lastRenewalAt");
    }
    long deadlineNs = state.term().deadlineNs();
    Documents.putMoment(node, "deadlineAt", inspection.wallMsAt(deadlineNs));
    if (nowNs > deadlineNs) {
      node.put("expiredForMs", ExplainEndpoint.ms(nowNs - deadlineNs));
    } else {
      node.put("validForMs", ExplainEndpoint.ms(deadlineNs - nowNs));
    }
    node.put("durationSecs", state.durationSecs())
        .put("renewalIntervalSecs", state.renewalIntervalSecs())
        .put("mode", isStrict ? "strict" : "netflix")
        .put("zone", state.term().zone());
  }

  private void putStatus(LeaseRecord lease, @Nullable Change insisting, ObjectNode node) {
    node.put("status", lease.status().name())
        .put("rule", lease.statusRule().name())
        .put("ruleNumber", Words.number(lease.statusRule()))
        .put("because", Words.reason(lease.statusRule()));
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
      Documents.putMoment(override, "lastChangedAt", inspection.wallMsAt(insisting.atNs()));
      override.put("by", Words.nameOf(insisting.origin()));
    }
  }

  private void putLateness(LeaseState state, ObjectNode node) {
    long intervalNs = TimeUnit.SECONDS.toNanos(state.renewalIntervalSecs());
    long lateNs = judgement.nowNs() - state.heardNs() - intervalNs;
    LatenessSummary app = evictor.lateness().ofApp(state.term().app());
    node.put("nowLateMs", Math.max(0, ExplainEndpoint.ms(lateNs)))
        .put("renewalIntervalMs", ExplainEndpoint.ms(intervalNs));
    putSummary(app, node.putObject("application"));
  }

  static void putSummary(LatenessSummary lateness, ObjectNode node) {
    node.put("of", lateness.app()).put("samples", lateness.count());
    if (lateness.count() > 0) {
      node.put("medianMs", lateness.medianMs())
          .put("p90Ms", lateness.p90Ms())
          .put("p99Ms", lateness.p99Ms())
          .put("maxMs", lateness.maxMs());
    }
  }

  private void putEviction(Term term, Verdict verdict, ObjectNode node) {
    node.put("wouldBeEvicted", verdict.state() == Verdict.State.DUE)
        .put("chance", verdict.chance());
    Documents.putMoment(node, "nextRunAt", evictor.nextRunMs());
    List<Hold> holds = verdict.holds();
    ArrayNode rules = node.putArray("heldBy");
    holds.forEach(hold -> HoldText.put(hold, term, rules.addObject()));
    if (verdict.state() == Verdict.State.HELD) {
      OptionalDouble share = judgement.shareThatReleases(term);
      if (share.orElse(0) >= EvictionRules.SHARE_MIN) {
        node.put("releasedFromAllByShare", share.getAsDouble());
      }
    }
  }
}
