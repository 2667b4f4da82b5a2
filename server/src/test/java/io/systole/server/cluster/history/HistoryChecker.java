// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.history;

import io.systole.server.cluster.history.FaultTimeline.Limits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Compares the history of a cluster with the model: acknowledged registrations are present or
 * replaced, cancelled instances stay away, an answered renewal keeps the lease for a whole
 * duration, and all members have the same in the end.
 */
public final class HistoryChecker {
  private final FaultTimeline faults;
  private final Map<String, KeyHistory> keys = new LinkedHashMap<>();
  private final List<String> violations = new ArrayList<>();

  /**
   * Creates a checker.
   *
   * @param faults none overlaps another
   * @param propagation the time for a change to reach all members of a view
   * @param convergence the time for all members to be equal after a fault
   * @param lease the duration of the leases
   */
  public HistoryChecker(
      List<MemberFault> faults, Duration propagation, Duration convergence, Duration lease) {
    this.faults = new FaultTimeline(
        faults, new Limits(propagation.toNanos(), convergence.toNanos(), lease.toNanos()));
  }

  /**
   * Checks the responses of a run.
   *
   * @param operations in any order; those of one key do not overlap
   */
  public void check(List<ClientOperation> operations) {
    operations.stream()
        .sorted(Comparator.comparingLong(ClientOperation::invokedNs))
        .forEach(operation -> {
          KeyHistory key = keys.computeIfAbsent(operation.key(), any -> new KeyHistory(faults));
          String violation = key.add(operation);
          report(operation.key(), key, violation, operation);
        });
  }

  /**
   * Checks the registries of all members at the end, when all faults have healed.
   *
   * @param registries the numbers by key, of each member
   * @param atNs when they were read
   */
  public void checkEnd(List<Map<String, Long>> registries, long atNs) {
    Set<String> found = new TreeSet<>(keys.keySet());
    registries.forEach(registry -> found.addAll(registry.keySet()));
    for (String key : found) {
      Set<Long> numbers = registries.stream()
          .map(registry -> registry.getOrDefault(key, ClientOperation.ABSENT))
          .collect(Collectors.toCollection(TreeSet::new));
      if (numbers.size() > 1) {
        violations.add(key + ": members differ at the end: " + numbers);
      }
      KeyHistory history = keys.computeIfAbsent(key, any -> new KeyHistory(faults));
      for (int member = 0; member < registries.size(); member++) {
        long number = registries.get(member).getOrDefault(key, ClientOperation.ABSENT);
        report(key, history, history.contradiction(number, member, atNs), "the end");
      }
    }
  }

  private void report(String key, KeyHistory history, @Nullable String violation, Object at) {
    if (violation != null) {
      String requests =
          history.recent().stream().map(one -> "\n    " + one).collect(Collectors.joining());
      violations.add(key + " at " + at + ": " + violation + ", after" + requests);
    }
  }

  /** Returns the contradictions found so far; empty if the history fits the model. */
  public List<String> violations() {
    return List.copyOf(violations);
  }
}
