// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import io.systole.server.eviction.EvictionForecast.ProtectionReason;
import io.systole.server.registry.LeaseDeadline;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The sentences on expired leases and self-preservation. Endpoints and logs use them, so that all
 * report the same state in the same words.
 */
public final class EvictionText {
  private EvictionText() {}

  /**
   * Returns a sentence on the state of self-preservation.
   *
   * @param protectedByRule the number of protected leases by rule
   */
  public static String selfPreservation(
      SelfPreservation preservation, Map<ProtectionRule, Integer> protectedByRule) {
    String renewals = QuantityText.count(preservation.renewals(), "renewal", "renewals")
        + " in the last minute; evictions require more than " + preservation.threshold() + ".";
    int sum = protectedByRule.values().stream().mapToInt(Integer::intValue).sum();
    String leases =
        " " + QuantityText.count(sum, "expired lease is", "expired leases are") + " protected.";
    if (!preservation.isEnabled()) {
      return "The rule registry is off. " + renewals + leases;
    }
    if (preservation.basis() == SelfPreservation.Basis.NO_LEASES) {
      return "Not active: the node has no leases.";
    }
    if (preservation.basis() == SelfPreservation.Basis.FIRST_MINUTE && !preservation.mayEvict()) {
      return "Not active: the first whole minute of renewals is not over; expired leases are kept"
          + " until then." + leases;
    }
    if (preservation.isActive() && preservation.threshold() == 0) {
      return "Active, evictions are suspended: no client is expected to renew until the clients are"
          + " counted again." + leases;
    }
    String state = preservation.isActive() ? "Active, evictions are suspended: " : "Not active: ";
    return state + renewals + leases;
  }

  /** Returns a sentence on a lease. */
  public static String lease(LeaseDeadline deadline, EvictionForecast forecast) {
    String expired = "The lease expired " + QuantityText.duration(forecast.expiredMs()) + " ago";
    return switch (forecast.state()) {
      case VALID -> valid(deadline, -forecast.expiredMs());
      case PROTECTED -> expired + " but is protected by " + because(deadline, forecast) + ".";
      case CANDIDATE ->
        expired + "; the next run evicts it with a probability of "
            + String.format(Locale.ROOT, "%.1f", 100 * forecast.chance())
            + " %, by "
            + because(deadline, forecast) + ".";
      case DUE -> expired + " and is not protected; the next run evicts it.";
    };
  }

  private static String because(LeaseDeadline deadline, EvictionForecast forecast) {
    return forecast.protections().stream()
        .map(protection -> because(protection, deadline))
        .collect(Collectors.joining("; and "));
  }

  private static String valid(LeaseDeadline deadline, long validMs) {
    String valid = "The lease is valid for another " + QuantityText.duration(validMs);
    return deadline.isUnrenewed()
        ? valid + "; unless renewed before, it is evicted then, and no rule protects it."
        : valid + ".";
  }

  /**
   * Returns sentences on an application.
   *
   * @param leases the number of its leases, 1 or greater
   * @param late the number of valid ones whose renewal is overdue
   */
  public static String application(ApplicationForecast forecast, int leases, int late) {
    StringBuilder text = new StringBuilder("Application ")
        .append(forecast.app())
        .append(" has ")
        .append(QuantityText.count(leases, "lease", "leases"));
    text.append(
        forecast.expired() == 0
            ? ", none of which has expired."
            : ", of which " + forecast.expired() + has(forecast.expired()) + " expired.");
    forecast
        .protectedByRule()
        .forEach((rule, count) -> text.append(' ')
            .append(count)
            .append(count == 1 ? " is" : " are")
            .append(" protected by ")
            .append(because(forecast, rule))
            .append('.'));
    if (forecast.candidates() > 0) {
      text.append(' ')
          .append(QuantityText.count(forecast.candidates(), "is a candidate", "are candidates"))
          .append(" of ")
          .append(because(forecast, ProtectionRule.CAP))
          .append('.');
    }
    if (forecast.due() > 0) {
      text.append(' ')
          .append(QuantityText.count(forecast.due(), "is", "are"))
          .append(" not protected; the next run evicts ")
          .append(forecast.due() == 1 ? "it." : "them.");
    }
    if (late > 0) {
      text.append(' ')
          .append(QuantityText.count(late, "instance has", "instances have"))
          .append(" a valid lease, but an overdue renewal.");
    }
    return text.toString();
  }

  private static String has(int count) {
    return count == 1 ? " has" : " have";
  }

  private static String because(ApplicationForecast forecast, ProtectionRule rule) {
    ApplicationForecast.LeaseForecast example = forecast.example(rule);
    return example.forecast().protections().stream()
        .filter(protection -> protection.rule() == rule)
        .findFirst()
        .map(protection -> because(protection, example.deadline()))
        .orElseThrow();
  }

  /** Returns the name of a rule and the reason for which it protects a lease, without a period. */
  public static String because(ProtectionReason protection, LeaseDeadline deadline) {
    long observed = protection.observed();
    return switch (protection.rule()) {
      case STALL ->
        "rule stall: the node could not accept renewals around the deadline, and has served for "
            + QuantityText.duration(observed) + " since then; the lease is protected for "
            + QuantityText.duration(protection.required());
      case REGISTRY ->
        "rule registry (self-preservation): "
            + QuantityText.count(observed, "renewal", "renewals")
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
}
