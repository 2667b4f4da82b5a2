// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.model;

import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The hash code of a registry: the number of instances of each status (spec §4.4). A client
 * compares it with that of its own copy after a delta, and fetches the full registry if they
 * differ.
 */
public final class AppsHashCode {
  private AppsHashCode() {}

  /**
   * Returns the hash code, such as {@code DOWN_1_UP_11_}; empty for an empty registry. Cost:
   * O(instances).
   */
  public static String of(List<Application> applications) {
    Map<InstanceStatus, Integer> counts = new EnumMap<>(InstanceStatus.class);
    for (Application application : applications) {
      for (InstanceInfo instance : application.instances()) {
        counts.merge(instance.status(), 1, Integer::sum);
      }
    }
    return of(counts);
  }

  /** Returns the hash code for these counts; a count of 0 is left out. */
  public static String of(Map<InstanceStatus, Integer> counts) {
    Map<InstanceStatus, Integer> byName = new TreeMap<>(Comparator.comparing(InstanceStatus::name));
    byName.putAll(counts);
    StringBuilder hashCode = new StringBuilder();
    byName.forEach((status, count) -> {
      if (count > 0) {
        hashCode.append(status).append('_').append(count).append('_');
      }
    });
    return hashCode.toString();
  }
}
