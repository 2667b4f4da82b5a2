// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.consistency;

import java.util.List;
import java.util.Map;

/**
 * An instance that is not the same at all servers.
 *
 * @param missingAt names of the servers that do not have it, in order
 * @param members those that differ among the servers that have it, in a fixed order
 */
public record InstanceDifference(
    String app, String id, List<String> missingAt, List<MemberDifference> members) {
  /**
   * A member with different values.
   *
   * @param name as in JSON documents; {@code metadata.<key>} for an entry of the metadata
   * @param values as text by name of the server, in order; null for an absent value
   */
  public record MemberDifference(String name, Map<String, String> values) {}
}
