// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import java.util.Locale;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** Members of a node's documents as text, not yet escaped; empty if absent. */
final class Fields {
  private static final long SECOND_MS = 1_000;
  private static final long MINUTE = 60;
  private static final long HOUR = 60 * MINUTE;
  private static final long DAY = 24 * HOUR;
  private static final long MIB = 1 << 20;

  private Fields() {}

  /** Returns a string, number or boolean. */
  static String text(JsonNode document, String name) {
    JsonNode value = document.path(name);
    return value.isValueNode() && !value.isNull() ? value.asString("") : "";
  }

  static long number(JsonNode document, String name) {
    return document.path(name).asLong(0);
  }

  static String duration(JsonNode document, String name) {
    JsonNode value = document.path(name);
    return value.isNumber() ? duration(value.asLong(0)) : "";
  }

  /** Returns a duration in at most two units, short enough for a column: {@code 3d4h}. */
  static String duration(long ms) {
    if (ms < SECOND_MS) {
      return ms + "ms";
    }
    long seconds = ms / SECOND_MS;
    if (seconds < MINUTE) {
      return seconds + "s";
    }
    if (seconds < HOUR) {
      return twoUnits(seconds, MINUTE, "m", 1, "s");
    }
    return seconds < DAY
        ? twoUnits(seconds, HOUR, "h", MINUTE, "m")
        : twoUnits(seconds, DAY, "d", HOUR, "h");
  }

  private static String twoUnits(
      long seconds, long large, String largeName, long small, String smallName) {
    long rest = seconds % large / small;
    return seconds / large + largeName + (rest == 0 ? "" : rest + smallName);
  }

  /** Returns a number with one decimal. */
  static String decimal(JsonNode document, String name) {
    JsonNode value = document.path(name);
    return value.isNumber() ? String.format(Locale.ROOT, "%.1f", value.asDouble(0)) : "";
  }

  /** Returns bytes in MiB. */
  static String mebibytes(JsonNode document, String name) {
    JsonNode value = document.path(name);
    return value.isNumber() ? Long.toString(value.asLong(0) / MIB) : "";
  }

  /** Returns the members of an object that are not 0, like {@code UP 3, DOWN 1}. */
  static String counts(JsonNode document, String name) {
    return document.path(name).properties().stream()
        .filter(entry -> entry.getValue().asLong(0) != 0)
        .map(entry -> entry.getKey() + " " + entry.getValue().asLong(0))
        .collect(Collectors.joining(", "));
  }

  /** Returns the remaining or exceeded time of a lease. */
  static String lease(JsonNode instance) {
    String expired = duration(instance, "expiredForMs");
    if (!expired.isEmpty()) {
      return "expired " + expired;
    }
    String valid = duration(instance, "validForMs");
    return valid.isEmpty() ? "" : "valid " + valid;
  }
}
