// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.server.eviction.EvictionForecast.ProtectionReason;
import io.systole.server.eviction.EvictionRules;
import io.systole.server.eviction.EvictionText;
import io.systole.server.eviction.ProtectionRule;
import io.systole.server.eviction.QuantityText;
import io.systole.server.registry.LeaseDeadline;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Describes a rule that protects a lease in JSON. */
final class ProtectionDescription {
  private ProtectionDescription() {}

  static void put(ProtectionReason protection, LeaseDeadline deadline, ObjectNode node) {
    node.put("rule", HumanText.nameOf(protection.rule()))
        .put("because", EvictionText.because(protection, deadline))
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

  private static String release(ProtectionReason protection) {
    List<String> ways = new ArrayList<>();
    long observed = protection.observed();
    switch (protection.rule()) {
      case STALL -> ways.add("a renewal");
      case REGISTRY -> {
        if (protection.required() > 0) {
          ways.add(
              QuantityText.count(protection.required() - observed, "more renewal", "more renewals")
                  + " a minute");
        }
      }
      case APP, ZONE ->
        ways.add(QuantityText.count(observed - protection.required(), "instance", "instances")
            + " of it that renew or cancel");
      case CAP -> ways.add("the following runs");
    }
    if (isReachable(protection)) {
      ways.add("--renewal-share " + QuantityText.share(protection.share().getAsDouble()));
    }
    protection.inMs().ifPresent(inMs -> ways.add("time: " + QuantityText.duration(inMs)));
    ways.add("an operator: POST /systole/evict/{app}/{id}");
    return String.join("; or ", ways);
  }

  /** Returns whether there is a share within the range of the option. */
  private static boolean isReachable(ProtectionReason protection) {
    return protection.share().orElse(0) >= EvictionRules.SHARE_MIN;
  }
}
