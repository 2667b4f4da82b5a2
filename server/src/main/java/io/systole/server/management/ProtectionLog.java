// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.protocol.model.EscapedText;
import io.systole.protocol.time.Clock;
import io.systole.server.eviction.EvictionDecision;
import io.systole.server.eviction.EvictionForecast;
import io.systole.server.eviction.EvictionText;
import io.systole.server.eviction.Evictor;
import io.systole.server.eviction.ProtectedLeases;
import io.systole.server.eviction.ProtectionRule;
import io.systole.server.eviction.QuantityText;
import io.systole.server.eviction.SelfPreservation;
import io.systole.server.jfr.SelfPreservationJfrEvent;
import io.systole.server.registry.LeaseDeadline;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Logs when self-preservation begins and ends, and when a rule begins and ceases to protect expired
 * leases, in the sentences of the endpoints. One line per rule and decision, and at most one a
 * minute. Confined to the thread of the eviction runs.
 */
public final class ProtectionLog implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(ProtectionLog.class);

  /** The maximum number of applications or zones in a line. */
  static final int NAMES_MAX = 10;

  /** The maximum number of characters of a name, which an instance may choose, in a line. */
  static final int NAME_CHARS_MAX = 100;

  /** The maximum number of characters of a sentence, which may have such a name. */
  static final int SENTENCE_CHARS_MAX = 500;

  private final Evictor evictor;
  private final LoggedState<Boolean> preservation;

  /** The names that a rule protects; the empty name for rules without names. */
  private final Map<ProtectionRule, LoggedState<Set<String>>> rules =
      new EnumMap<>(ProtectionRule.class);

  public ProtectionLog(Evictor evictor, Clock clock) {
    this.evictor = evictor;
    this.preservation = new LoggedState<>(clock, false);
    for (ProtectionRule rule : ProtectionRule.values()) {
      rules.put(rule, new LoggedState<>(clock, Set.of()));
    }
  }

  /** Logs whether self-preservation has begun or ended. To be called about every second. */
  @Override
  public void run() {
    SelfPreservation state = evictor.selfPreservation();
    if (preservation.observe(state.isActive())) {
      EvictionDecision decision = evictor.decision();
      record(state, decision);
      log(state, decision, preservation.markLogged());
    }
  }

  private static void record(SelfPreservation state, EvictionDecision decision) {
    SelfPreservationJfrEvent.record(
        state.isActive(),
        state.renewals(),
        state.threshold(),
        decision.expired(),
        () -> EvictionText.selfPreservation(state, decision.protectedByRule()));
  }

  private static void log(SelfPreservation state, EvictionDecision decision, long suppressed) {
    String sentence = EvictionText.selfPreservation(state, decision.protectedByRule());
    LOG.atLevel(state.isActive() ? Level.WARN : Level.INFO)
        .log(
            "self-preservation {} renewals={} threshold={} expected={} suppressed={}: {}",
            state.isActive() ? "active" : "ended",
            state.renewals(),
            state.threshold(),
            Math.round(state.renewalsExpected()),
            suppressed,
            sentence);
  }

  /** Logs the rules that have begun or ceased to protect leases in this decision. */
  public void observe(EvictionDecision decision) {
    record(decision.selfPreservation(), decision);
    Map<ProtectionRule, ProtectedLeases> byRule = ProtectedLeases.byRule(decision);
    if (!decision.selfPreservation().isActive()) {
      // Protects in the first minute too, which is no failure.
      byRule.remove(ProtectionRule.REGISTRY);
    }
    rules.forEach((rule, state) -> {
      ProtectedLeases leases = byRule.get(rule);
      Set<String> names =
          leases == null ? Set.of() : Set.copyOf(leases.examples().keySet());
      if (state.observe(names)) {
        Set<String> before = state.logged();
        long suppressed = state.markLogged();
        if (leases == null) {
          logEnd(rule, before, suppressed);
        } else {
          logProtection(rule, before, leases, decision, suppressed);
        }
      }
    });
  }

  private static void logEnd(ProtectionRule rule, Set<String> names, long suppressed) {
    String name = HumanText.nameOf(rule);
    LOG.info(
        "protection rule={} names={} ended leases={} suppressed={}: No expired lease is protected by"
            + " rule {} any more.",
        name,
        joined(names),
        0,
        suppressed,
        name);
  }

  private static void logProtection(
      ProtectionRule rule,
      Set<String> before,
      ProtectedLeases leases,
      EvictionDecision decision,
      long suppressed) {
    // The cap is the only rule that protects leases in normal operation too.
    Level level = rule == ProtectionRule.CAP ? Level.INFO : Level.WARN;
    String name = HumanText.nameOf(rule);
    Set<String> names = leases.examples().keySet();
    Set<String> added = without(names, before);
    String sentence =
        EscapedText.line(shortened(sentence(rule, leases, added, decision), SENTENCE_CHARS_MAX));
    if (before.isEmpty()) {
      LOG.atLevel(level)
          .log(
              "protection rule={} names={} started leases={} suppressed={}: {}",
              name,
              joined(names),
              leases.leases(),
              suppressed,
              sentence);
      return;
    }
    LOG.atLevel(level)
        .log(
            "protection rule={} names={} changed added={} removed={} leases={} suppressed={}: {}",
            name,
            joined(names),
            joined(added),
            joined(without(before, names)),
            leases.leases(),
            suppressed,
            sentence);
  }

  /** Returns the sentence on a lease of a name that was added, or of any if none was. */
  private static String sentence(
      ProtectionRule rule, ProtectedLeases leases, Set<String> added, EvictionDecision decision) {
    LeaseDeadline example = leases.examples().entrySet().stream()
        .filter(named -> added.isEmpty() || added.contains(named.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElseThrow();
    String because = EvictionForecast.of(decision, example).protections().stream()
        .filter(protection -> protection.rule() == rule)
        .map(protection -> EvictionText.because(protection, example))
        .collect(Collectors.joining());
    return QuantityText.count(leases.leases(), "expired lease is", "expired leases are")
        + " protected by " + because + ".";
  }

  private static Set<String> without(Set<String> names, Set<String> others) {
    Set<String> rest = new TreeSet<>(names);
    rest.removeAll(others);
    return rest;
  }

  /**
   * Returns the first names and the number of others as one token of a line, {@code -} for none.
   */
  private static String joined(Collection<String> names) {
    String some = names.stream()
        .filter(name -> !name.isEmpty())
        .sorted()
        .limit(NAMES_MAX)
        .map(name -> EscapedText.token(shortened(name, NAME_CHARS_MAX)))
        .collect(Collectors.joining(","));
    if (some.isEmpty()) {
      return "-";
    }
    return names.size() > NAMES_MAX ? some + ",+" + (names.size() - NAMES_MAX) : some;
  }

  private static String shortened(String text, int charsMax) {
    return text.length() <= charsMax ? text : text.substring(0, charsMax) + "…";
  }
}
