// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.server.eviction.EvictionRules;
import io.systole.server.eviction.ProtectionReason;
import io.systole.server.eviction.ProtectionRule;
import io.systole.server.registry.LeaseDeadline;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** A rule that holds a lease, in words and numbers. */
final class HoldDescription {
  private HoldDescription() {}

  static void put(ProtectionReason hold, LeaseDeadline term, ObjectNode node) {
    node.put("rule", HumanText.nameOf(hold.rule()))
        .put("because", because(hold, term))
        .put("observed", hold.observed())
        .put("needed", hold.needed())
        .put("unit", unit(hold.rule()));
    if (isReachable(hold)) {
      node.put("releasedByShare", hold.share().getAsDouble());
    }
    if (hold.rule() == ProtectionRule.REGISTRY && hold.needed() > 0) {
      node.put("releasedByMoreRenewalsPerMinute", hold.needed() - hold.observed());
    }
    hold.inMs().ifPresent(inMs -> node.put("releasedInMs", inMs));
    node.put("release", release(hold));
  }

  private static String unit(ProtectionRule rule) {
    return switch (rule) {
      case STALL -> "ms served since the stall, more than";
      case REGISTRY -> "renewals of the last whole minute, at least";
      case APP -> "expired leases of the application, at most";
      case ZONE -> "expired leases of the zone, at most";
      case CAP -> "expired leases that no other rule holds, at most";
    };
  }

  static String because(ProtectionReason hold, LeaseDeadline term) {
    long observed = hold.observed();
    return switch (hold.rule()) {
      case STALL ->
        "rule stall: the node could not take renewals around its deadline, and has served for "
            + HumanText.span(observed) + " since then of the " + HumanText.span(hold.needed())
            + " that the lease is given";
      case REGISTRY ->
        "rule registry (self-preservation): "
            + HumanText.count(observed, "renewal", "renewals")
            + " came in the last minute, "
            + (hold.needed() == 0
                ? "and with a threshold of 0 no number is enough"
                : hold.needed() + " must");
      case APP -> crowd(hold, "rule app: ", "application " + term.app());
      case ZONE -> crowd(hold, "rule zone: ", "zone " + term.zone());
      case CAP ->
        "rule cap: a run ends at most " + hold.needed() + ", and " + observed
            + " are due, drawn by lot";
    };
  }

  private static String crowd(ProtectionReason hold, String rule, String whose) {
    return rule + hold.observed() + " leases of " + whose + " have expired at once, and more than "
        + hold.needed() + " look like a failure";
  }

  private static String release(ProtectionReason hold) {
    List<String> ways = new ArrayList<>();
    long observed = hold.observed();
    switch (hold.rule()) {
      case STALL -> ways.add("a renewal");
      case REGISTRY -> {
        if (hold.needed() > 0) {
          ways.add(HumanText.count(hold.needed() - observed, "more renewal", "more renewals")
              + " a minute");
        }
      }
      case APP, ZONE ->
        ways.add(HumanText.count(observed - hold.needed(), "instance", "instances")
            + " of it renewing or cancelling");
      case CAP -> ways.add("the runs that follow");
    }
    if (isReachable(hold)) {
      ways.add("--renewal-share " + HumanText.share(hold.share().getAsDouble()));
    }
    hold.inMs().ifPresent(inMs -> ways.add("time: " + HumanText.span(inMs)));
    ways.add("an operator: POST /systole/evict/{app}/{id}");
    return String.join("; or ", ways);
  }

  /** Whether there is a share that can be set. */
  private static boolean isReachable(ProtectionReason hold) {
    return hold.share().orElse(0) >= EvictionRules.SHARE_MIN;
  }
}
