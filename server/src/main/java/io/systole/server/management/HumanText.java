// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.server.registry.Change.Cause;
import io.systole.server.registry.Origin;
import io.systole.server.registry.StatusRule;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Human-readable text: names, times and reasons. */
final class HumanText {
  private HumanText() {}

  /** Returns the name in lower case, as in the options. */
  static String nameOf(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  static String timestamp(long epochMs) {
    return Instant.ofEpochMilli(epochMs).toString();
  }

  /** Converts to whole milliseconds. */
  static long wholeMs(long ns) {
    return TimeUnit.NANOSECONDS.toMillis(ns);
  }

  /** Returns a sentence on an application without leases. */
  static String unknownApplication(String app) {
    return "Application " + app + " has no leases.";
  }

  /** Returns the reason of a removal, as the end of a sentence. */
  static String removalReason(Cause cause, Origin origin) {
    return switch (cause) {
      case CANCEL ->
        switch (origin) {
          case PEER -> "cancelled through a peer";
          case MEMBER_PEER -> "cancelled through a peer of another member of the cluster";
          case MEMBER -> "cancelled, or evicted by an operator, at another member of the cluster";
          default -> "cancelled by the instance, or by another client that sent DELETE for it";
        };
      case EVICTION ->
        switch (origin) {
          case OPERATOR -> "evicted by an operator";
          case MEMBER, MEMBER_PEER ->
            "evicted by another member of the cluster after the lease expired";
          default -> "evicted by this node after the lease expired";
        };
      default -> nameOf(cause);
    };
  }

  /** Returns the reason of a status. */
  static String statusReason(StatusRule rule) {
    return switch (rule) {
      case DOWN_OR_STARTING ->
        "reported by the instance; a status other than UP or OUT_OF_SERVICE takes precedence";
      case OVERRIDE_EXISTS -> "set by a status override";
      case LEASE_EXISTS ->
        "kept from the lease when the instance registered again; a client's registration does not"
            + " change UP to OUT_OF_SERVICE or back";
      case RESTORED ->
        "restored with the lease when the node started; the instance has not registered since";
      case ALWAYS_MATCH -> "reported by the instance, without an override";
      case OVERRIDE_LIFTED ->
        "set when an override was removed; UNKNOWN makes the instance register again";
    };
  }

  /** Returns the number of the rule in the chain (spec §2.5), 0 if it is not part of it. */
  static int ruleNumber(StatusRule rule) {
    return switch (rule) {
      case DOWN_OR_STARTING -> 1;
      case OVERRIDE_EXISTS -> 2;
      case LEASE_EXISTS -> 4;
      case ALWAYS_MATCH -> 5;
      case RESTORED, OVERRIDE_LIFTED -> 0;
    };
  }
}
