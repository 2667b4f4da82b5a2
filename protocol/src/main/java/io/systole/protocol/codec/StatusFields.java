// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import io.systole.protocol.model.StatusInfo;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The tree of a status document, shared by both formats. Names and values are those of the
 * reference, including its Java class name as root (spec §1.9).
 */
final class StatusFields {
  static final String ROOT = "com.netflix.eureka.util.StatusInfo";
  static final String GENERAL = "generalStats";
  static final String APPLICATION = "applicationStats";
  static final String INSTANCE = "instanceInfo";

  private static final int BYTES_PER_MB_BITS = 20;

  private StatusFields() {}

  /** Returns the process statistics, in order. */
  static Map<String, String> general(StatusInfo status) {
    long totalMb = status.memoryBytes() >> BYTES_PER_MB_BITS;
    long usedMb = status.memoryUsedBytes() >> BYTES_PER_MB_BITS;
    long usedPercent = totalMb == 0 ? 0 : 100 * usedMb / totalMb;
    Map<String, String> stats = new LinkedHashMap<>();
    stats.put("num-of-cpus", Integer.toString(status.cpus()));
    stats.put("total-avail-memory", totalMb + "mb");
    stats.put("current-memory-usage", usedMb + "mb (" + usedPercent + "%)");
    stats.put("server-uptime", uptime(status.uptimeMs()));
    return stats;
  }

  /** Returns the peers, in order. The separators differ as in the reference. */
  static Map<String, String> application(StatusInfo status) {
    Map<String, String> stats = new LinkedHashMap<>();
    stats.put("registered-replicas", String.join(", ", status.registeredReplicas()));
    stats.put("available-replicas", withTrailingCommas(status.availableReplicas()));
    stats.put("unavailable-replicas", withTrailingCommas(status.unavailableReplicas()));
    return stats;
  }

  /** Returns {@code 07:05}, or {@code 1 days 07:05} from one day on. */
  private static String uptime(long uptimeMs) {
    long days = TimeUnit.MILLISECONDS.toDays(uptimeMs);
    long hours = TimeUnit.MILLISECONDS.toHours(uptimeMs) % 24;
    long minutes = TimeUnit.MILLISECONDS.toMinutes(uptimeMs) % 60;
    return (days > 0 ? days + " days " : "") + twoDigits(hours) + ":" + twoDigits(minutes);
  }

  private static String twoDigits(long number) {
    return number < 10 ? "0" + number : Long.toString(number);
  }

  private static String withTrailingCommas(List<String> replicas) {
    StringBuilder text = new StringBuilder();
    replicas.forEach(replica -> text.append(replica).append(','));
    return text.toString();
  }
}
