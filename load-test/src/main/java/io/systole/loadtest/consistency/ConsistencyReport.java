// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.consistency;

import io.systole.loadtest.report.TextLines;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToIntFunction;

/**
 * The result of a comparison of registries.
 *
 * @param servers in the order of the comparison
 * @param instances number of distinct instances at all servers together
 * @param differing number of instances that differ
 * @param missing number of those that at least one server does not have
 * @param differences the first of those that differ, by application and id; limited
 */
public record ConsistencyReport(
    List<ServerSummary> servers,
    int instances,
    int differing,
    int missing,
    List<InstanceDifference> differences) {
  /**
   * A server.
   *
   * @param name {@code A} for the first one, and so on
   * @param url without credentials
   * @param instances number of the instances of its document, with repeated ones
   * @param duplicates number of those that repeat an earlier one; of these the last is compared
   * @param malformed number of instances of its document that were left out
   */
  public record ServerSummary(
      String name, String url, int instances, int duplicates, int malformed) {}

  /** Returns whether all servers have the same instances, each once and readable. */
  public boolean isConsistent() {
    return differing == 0 && sum(ServerSummary::duplicates) + sum(ServerSummary::malformed) == 0;
  }

  private int sum(ToIntFunction<ServerSummary> count) {
    return servers.stream().mapToInt(count).sum();
  }

  /** Returns the result in one line. */
  public String outcome() {
    if (isConsistent()) {
      return "all servers have the same " + TextLines.count(instances, "instance");
    }
    List<String> faults = new ArrayList<>();
    if (differing > 0) {
      faults.add(String.format(
          Locale.ROOT,
          "%,d of %,d instances differ: %,d missing at a server, %,d with different members",
          differing,
          instances,
          missing,
          differing - missing));
    }
    addCount(faults, sum(ServerSummary::duplicates), "repeated instance");
    addCount(faults, sum(ServerSummary::malformed), "malformed instance");
    return String.join("; ", faults);
  }

  private static void addCount(List<String> faults, int count, String noun) {
    if (count > 0) {
      faults.add(TextLines.count(count, noun));
    }
  }
}
