// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.server.registry.Change.Cause;
import io.systole.server.registry.Origin;
import io.systole.server.registry.StatusRule;
import java.time.Instant;
import java.util.Locale;

/** How moments, spans and reasons read for people. */
final class HumanText {
  private static final long SECOND_MS = 1_000;
  private static final long MINUTE_MS = 60 * SECOND_MS;
  private static final long HOUR_MS = 60 * MINUTE_MS;
  private static final long DAY_MS = 24 * HOUR_MS;

  private HumanText() {}

  /** As in the options: lower case. */
  static String nameOf(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  static String timestamp(long epochMs) {
    return Instant.ofEpochMilli(epochMs).toString();
  }

  /** The two largest units of a span. */
  static String duration(long ms) {
    if (ms < SECOND_MS) {
      return ms + " ms";
    }
    if (ms < MINUTE_MS) {
      return twoUnits(ms, SECOND_MS, "s", 1, "ms");
    }
    if (ms < HOUR_MS) {
      return twoUnits(ms, MINUTE_MS, "min", SECOND_MS, "s");
    }
    return ms < DAY_MS
        ? twoUnits(ms, HOUR_MS, "h", MINUTE_MS, "min")
        : twoUnits(ms, DAY_MS, "d", HOUR_MS, "h");
  }

  private static String twoUnits(long ms, long large, String largeName, long small, String smallName) {
    long rest = ms % large / small;
    return ms / large + " " + largeName + (rest == 0 ? "" : " " + rest + " " + smallName);
  }

  /** A number of things. */
  static String count(long count, String one, String many) {
    return count + " " + (count == 1 ? one : many);
  }

  /** Rounded so that it still does what it says: shares are told where less is enough. */
  static String share(double share) {
    return String.format(Locale.ROOT, "%.4f", Math.floor(share * 10_000) / 10_000);
  }

  /** Who ended it, and why, as the end of a sentence. */
  static String removalReason(Cause cause, Origin origin) {
    return switch (cause) {
      case CANCEL ->
        origin == Origin.PEER
            ? "it was cancelled by a client of a peer"
            : "it was cancelled by the instance itself, or by whoever sent DELETE in its name";
      case EVICTION ->
        origin == Origin.OPERATOR
            ? "an operator evicted it"
            : "its lease had expired, and this node evicted it";
      default -> "of " + nameOf(cause);
    };
  }

  /** Why a status is what it is. */
  static String statusReason(StatusRule rule) {
    return switch (rule) {
      case DOWN_OR_STARTING ->
        "the instance says so itself: what isn't UP or OUT_OF_SERVICE wins over everything";
      case OVERRIDE_EXISTS -> "somebody insists on it by an override";
      case LEASE_EXISTS ->
        "its lease had this status when it registered again: a client that says UP or OUT_OF_SERVICE"
            + " doesn't change one into the other";
      case RESTORED ->
        "its lease had this status when the node stopped, and was restored with it; the instance has"
            + " not registered again since";
      case ALWAYS_MATCH -> "the instance says so itself, and nothing speaks against it";
      case OVERRIDE_LIFTED ->
        "somebody lifted an override and said that this is the status from then on; UNKNOWN asks"
            + " the instance to register again";
    };
  }

  /** Its place in the chain (spec §2.5); 0 for what the chain had no part in. */
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
