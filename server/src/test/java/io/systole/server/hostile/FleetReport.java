// SPDX-License-Identifier: Apache-2.0
package io.systole.server.hostile;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** Counts and latencies of a fleet's requests. Confined to the fleet's loop. */
final class FleetReport {
  private final Map<Phase, Histogram> latencies = new EnumMap<>(Phase.class);
  private final Map<String, Integer> heartbeats = new TreeMap<>();
  private final Map<String, Integer> registrations = new TreeMap<>();
  private final Map<String, Integer> lost = new TreeMap<>();
  private final List<Long> unsettledLostMs = new ArrayList<>();
  private long oldestLostMs;
  private int wrongResponses;
  private int resent;
  private int connectionsLost;
  private int hangs;
  private long latestTickNs;

  FleetReport() {
    for (Phase phase : Phase.values()) {
      latencies.put(phase, new Histogram(TimeUnit.MINUTES.toMicros(10), 3));
    }
  }

  void heartbeat(Phase phase, int status, long latencyNs) {
    Histogram histogram = latencies.get(phase);
    if (histogram != null) {
      histogram.recordValue(
          Math.min(histogram.getHighestTrackableValue(), Math.max(0, latencyNs / 1_000)));
    }
    heartbeats.merge(phase + " " + status, 1, Integer::sum);
    if (status != 200 && status != 404) {
      wrongResponses++;
    }
  }

  void registration(Phase phase, int status) {
    registrations.merge(phase + " " + status, 1, Integer::sum);
  }

  void lost(String app, String when) {
    String group = app.replaceAll("-\\d+", "");
    lost.merge(group + " " + when, 1, Integer::sum);
  }

  /** @param ageNs since its acknowledgement, at the kill */
  void settledLost(long ageNs) {
    oldestLostMs = Math.max(oldestLostMs, TimeUnit.NANOSECONDS.toMillis(ageNs));
  }

  void unsettledLost(long ageNs) {
    unsettledLostMs.add(TimeUnit.NANOSECONDS.toMillis(ageNs));
  }

  void resent() {
    resent++;
  }

  void connectionLost() {
    connectionsLost++;
  }

  void hang() {
    hangs++;
  }

  void tickLate(long lateNs) {
    latestTickNs = Math.max(latestTickNs, lateNs);
  }

  // ---------------------------------------------------------------- failures

  /** Returns the durable registrations lost by the node, by kind of application. */
  Map<String, Integer> lost() {
    return Map.copyOf(lost);
  }

  /** Returns the number of heartbeats that received another status than 200 or 404. */
  int wrongResponses() {
    return wrongResponses;
  }

  /** Returns the number of connections closed while the node ran. */
  int connectionsLost() {
    return connectionsLost;
  }

  /** Returns the number of connections that hung while the node ran. */
  int hangs() {
    return hangs;
  }

  /**
   * Returns the time that the slowest response to a heartbeat took after the registration of the
   * fleet, ms from when it was due.
   */
  long slowestMs() {
    return latencies.entrySet().stream()
        .filter(entry -> entry.getKey() != Phase.REGISTRATION)
        .mapToLong(entry -> TimeUnit.MICROSECONDS.toMillis(entry.getValue().getMaxValue()))
        .max()
        .orElse(0);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    latencies.forEach((phase, histogram) -> {
      if (histogram.getTotalCount() > 0) {
        text.append("heartbeats, %-12s n=%d p50=%.1fms p99=%.1fms p99.9=%.1fms max=%.1fms%n"
            .formatted(
                phase,
                histogram.getTotalCount(),
                histogram.getValueAtPercentile(50) / 1e3,
                histogram.getValueAtPercentile(99) / 1e3,
                histogram.getValueAtPercentile(99.9) / 1e3,
                histogram.getMaxValue() / 1e3));
      }
    });
    return text.append("heartbeats by status    ")
        .append(heartbeats)
        .append("%nregistrations by status ".formatted())
        .append(registrations)
        .append("%nsettled and lost        ".formatted())
        .append(lost)
        .append(" the oldest ")
        .append(oldestLostMs)
        .append(" ms before the kill")
        .append("%nunsettled and lost, age at the kill in ms ".formatted())
        .append(unsettledLostMs)
        .append(
            "%nrequests sent again=%d, connections lost=%d, hangs=%d, fleet's latest tick=%dms%n"
                .formatted(
                    resent, connectionsLost, hangs, TimeUnit.NANOSECONDS.toMillis(latestTickNs)))
        .toString();
  }
}
