// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.server.eviction.EvictionRules;
import io.systole.server.eviction.EvictionRules.RenewalThresholdMode;
import io.systole.server.eviction.ProtectionRule;
import io.systole.server.eviction.SimulationRequest;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** A parser of {@link SimulationRequest}s; absent members default to the node's settings. */
final class SimulationRequestParser {
  /** A day: the assumptions of a simulation do not hold for longer. */
  static final long AFTER_MS_MAX = 86_400_000;

  /** The maximum number of eviction runs in a simulation. */
  static final long RUNS_MAX = 2_000;

  /** The maximum number of names in an array. */
  static final int NAMES_MAX = 1_000;

  private static final Set<String> MEMBERS = Set.of(
      "share",
      "expectedIntervalSecs",
      "evictionIntervalMs",
      "leaseMode",
      "protect",
      "protectForMs",
      "threshold",
      "durationSecs",
      "silentInstances",
      "silentApps",
      "silentZones",
      "afterMs",
      "seed");

  /** An invalid request; the message names the member. */
  static final class InvalidRequestException extends Exception {
    private static final long serialVersionUID = 1;

    InvalidRequestException(String reason) {
      super(reason, null, false, false);
    }
  }

  private final JsonNode body;

  private SimulationRequestParser(JsonNode body) {
    this.body = body;
  }

  /**
   * Parses a body.
   *
   * @param bytes may be empty, for the defaults
   * @param intervalMs time between the node's eviction runs
   */
  static SimulationRequest read(
      byte[] bytes, EvictionRules rules, boolean isStrict, long intervalMs)
      throws InvalidRequestException {
    JsonNode body;
    try {
      body = bytes.length == 0 ? JsonResponses.object() : JsonResponses.read(bytes);
    } catch (JacksonException malformed) {
      throw new InvalidRequestException("the body is not JSON: " + malformed.getOriginalMessage());
    }
    if (!body.isObject()) {
      throw new InvalidRequestException("the body is not a JSON object");
    }
    for (String name : body.propertyNames()) {
      if (!MEMBERS.contains(name)) {
        throw new InvalidRequestException(name + " is unknown");
      }
    }
    return new SimulationRequestParser(body).parse(rules, isStrict, intervalMs);
  }

  private SimulationRequest parse(EvictionRules rules, boolean isStrict, long intervalMs)
      throws InvalidRequestException {
    EvictionRules requested = new EvictionRules(
        rules.isSelfPreserving(),
        share(rules.share()),
        (int) number("expectedIntervalSecs", rules.expectedIntervalSecs(), 1, 3_600),
        RenewalThresholdMode.valueOf(
            choice("threshold", HumanText.nameOf(rules.threshold()), "netflix", "leases")),
        protections(rules.protections()),
        number("protectForMs", rules.protectMs(), 0, 604_800_000));
    long everyMs = number("evictionIntervalMs", intervalMs, 100, 3_600_000);
    long afterMs = number("afterMs", -1, 0, AFTER_MS_MAX);
    if (afterMs / everyMs > RUNS_MAX) {
      throw new InvalidRequestException(
          "afterMs=" + afterMs + " is more than " + RUNS_MAX + " runs ahead");
    }
    String mode = isStrict ? "STRICT" : "NETFLIX";
    String requestedMode = choice("leaseMode", mode, "netflix", "strict");
    long durationSecs = number("durationSecs", -1, 1, Integer.MAX_VALUE);
    return new SimulationRequest(
        requested,
        requestedMode.equals("STRICT"),
        durationSecs > 0 || !requestedMode.equals(mode),
        durationSecs < 0 ? OptionalInt.empty() : OptionalInt.of((int) durationSecs),
        (int) number("silentInstances", 0, 0, Integer.MAX_VALUE),
        names("silentApps", true),
        names("silentZones", false),
        everyMs,
        afterMs < 0 ? OptionalLong.empty() : OptionalLong.of(afterMs),
        number("seed", 0, Long.MIN_VALUE, Long.MAX_VALUE));
  }

  private double share(double defaultValue) throws InvalidRequestException {
    JsonNode node = body.path("share");
    if (node.isMissingNode()) {
      return defaultValue;
    }
    double value = node.isNumber() ? node.asDouble() : -1;
    if (value < 0 || value > 1) {
      throw new InvalidRequestException("share=" + node + " is not a number within 0..1");
    }
    return value;
  }

  private long number(String name, long defaultValue, long min, long max)
      throws InvalidRequestException {
    JsonNode node = body.path(name);
    if (node.isMissingNode()) {
      return defaultValue;
    }
    if (!node.isIntegralNumber()
        || !node.canConvertToLong()
        || node.asLong() < min
        || node.asLong() > max) {
      throw new InvalidRequestException(
          name + "=" + node + " is not a whole number within " + min + ".." + max);
    }
    return node.asLong();
  }

  /** Returns one of the allowed words, in upper case. */
  private String choice(String name, String defaultValue, String... words)
      throws InvalidRequestException {
    JsonNode node = body.path(name);
    String word = node.isMissingNode() ? defaultValue.toLowerCase(Locale.ROOT) : textOf(node);
    if (!Arrays.asList(words).contains(word)) {
      throw new InvalidRequestException(
          name + "=" + node + " is none of " + String.join(", ", words));
    }
    return word.toUpperCase(Locale.ROOT);
  }

  private Set<ProtectionRule> protections(Set<ProtectionRule> defaultValue)
      throws InvalidRequestException {
    if (!body.has("protect")) {
      return defaultValue;
    }
    Set<ProtectionRule> rules = EnumSet.noneOf(ProtectionRule.class);
    for (String word : names("protect", false)) {
      if (!List.of("registry", "app", "zone").contains(word)) {
        throw new InvalidRequestException(
            "protect contains " + word + ", which is none of registry, app, zone");
      }
      rules.add(ProtectionRule.valueOf(word.toUpperCase(Locale.ROOT)));
    }
    return rules;
  }

  private Set<String> names(String name, boolean isUpperCased) throws InvalidRequestException {
    JsonNode node = body.path(name);
    if (node.isMissingNode()) {
      return Set.of();
    }
    if (!node.isArray() || node.size() > NAMES_MAX) {
      throw new InvalidRequestException(
          name + " is not an array of at most " + NAMES_MAX + " names");
    }
    Set<String> names = new HashSet<>();
    for (JsonNode entry : node.values()) {
      String text = textOf(entry);
      if (text.isEmpty()) {
        throw new InvalidRequestException(name + " contains " + entry + ", which is not a name");
      }
      names.add(isUpperCased ? text.toUpperCase(Locale.ROOT) : text);
    }
    return names;
  }

  private static String textOf(JsonNode node) {
    return node.isString() ? node.asString() : "";
  }
}
