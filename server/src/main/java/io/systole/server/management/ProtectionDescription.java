// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.server.eviction.EvictionForecast.ProtectionReason;
import io.systole.server.eviction.EvictionRules;
import io.systole.server.eviction.ProtectionRule;
import io.systole.server.registry.LeaseDeadline;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Describes a rule that protects a lease, in JSON and as text. */
final class ProtectionDescription {
  private ProtectionDescription() {}

  static void put(ProtectionReason protection, LeaseDeadline deadline, ObjectNode node) {
    node.put("rule", HumanText.nameOf(protection.rule()))
        .put("because", because(protection, deadline))
        .put("observed", protection.observed())
        .put("required", protection.required())
        .put("unit", unit(protection.rule()));
    if (isReachable(protection)) {
      node.put("releasedByShare", protection.share().getAsDouble());
    }
    if (protection.rule() == ProtectionRule.REGISTRY && protection.required() > 0) {
      node.put("releasedByMoreRenewalsPerMinute", protection.required() - protection.observed());
    }
    protection.inMs().ifPresent(inMs -> node.put("releasedInMs", inMs));
    node.put("release", release(protection));
  }

  private static String unit(ProtectionRule rule) {
    return switch (rule) {
      case STALL -> "ms served since the stall, more than";
      case REGISTRY -> "renewals of the last whole minute, at least";
      case APP -> "expired leases of the application, at most";
      case ZONE -> "expired leases of the zone, at most";
      case CAP -> "expired leases that no other rule protects, at most";
    };
  }

  static String because(ProtectionReason protection, LeaseDeadline deadline) {
    long observed = protection.observed();
    return switch (protection.rule()) {
      case STALL ->
        "rule stall: the node could not accept renewals around the deadline, and has served for "
            + HumanText.duration(observed) + " since then; the lease is protected for "
            + HumanText.duration(protection.required());
      case REGISTRY ->
        "rule registry (self-preservation): "
            + HumanText.count(observed, "renewal", "renewals")
            + " in the last minute, "
            + (protection.required() == 0
                ? "and with a threshold of 0 no number is sufficient"
                : "at least " + protection.required() + " required");
      case APP -> group(protection, "rule app: ", "application " + deadline.app());
      case ZONE -> group(protection, "rule zone: ", "zone " + deadline.zone());
      case CAP ->
        "rule cap: a run evicts at most " + protection.required() + " of " + observed
            + " candidates, selected at random";
    };
  }

  private static String group(ProtectionReason protection, String rule, String group) {
    return rule + protection.observed() + " leases of " + group + " have expired, more than "
        + protection.required() + " at once indicate a failure";
  }

  private static String release(ProtectionReason protection) {
    List<String> ways = new ArrayList<>();
    long observed = protection.observed();
    switch (protection.rule()) {
      case STALL -> ways.add("a renewal");
      case REGISTRY -> {
        if (protection.required() > 0) {
          ways.add(
              HumanText.count(protection.required() - observed, "more renewal", "more renewals")
                  + " a minute");
        }
      }
      case APP, ZONE ->
        ways.add(HumanText.count(observed - protection.required(), "instance", "instances")
            + " of it that renew or cancel");
      case CAP -> ways.add("the following runs");
    }
    if (isReachable(protection)) {
      ways.add("--renewal-share " + HumanText.share(protection.share().getAsDouble()));
    }
    protection.inMs().ifPresent(inMs -> ways.add("time: " + HumanText.duration(inMs)));
    ways.add("an operator: POST /systole/evict/{app}/{id}");
    return String.join("; or ", ways);
  }

  /** Returns whether there is a share within the range of the option. */
  private static boolean isReachable(ProtectionReason protection) {
    return protection.share().orElse(0) >= EvictionRules.SHARE_MIN;
  }
}
