// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.consistency;

import java.util.List;
import java.util.Locale;

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
   * @param instances number of its instances
   * @param malformed number of instances of its document that were left out
   */
  public record ServerSummary(String name, String url, int instances, int malformed) {}

  /** Returns whether all servers have the same instances. */
  public boolean isConsistent() {
    return differing == 0;
  }

  /** Returns the result in one line. */
  public String outcome() {
    return isConsistent()
        ? String.format(Locale.ROOT, "all servers have the same %,d instances", instances)
        : String.format(
            Locale.ROOT,
            "%,d of %,d instances differ: %,d missing at a server, %,d with different members",
            differing,
            instances,
            missing,
            differing - missing);
  }
}
