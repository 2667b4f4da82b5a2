// SPDX-License-Identifier: Apache-2.0
package io.systole.server.hostile;

import io.systole.server.hostile.GrowthLimit.Comparison;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The resources of a node over a run, at rest ({@link Phase#CALM}) and under load
 * ({@link Phase#ATTACK}). Only those at rest are compared: under load they depend on the
 * connections that the attackers have opened so far.
 */
final class ResourceHistory {
  private record Sample(long atMs, Phase phase, Map<ProcessResource, Long> values) {}

  private final List<Sample> samples = new ArrayList<>();
  private final long warmupMs;

  /** @param warmupMs time from the start of the run whose samples are not compared */
  ResourceHistory(long warmupMs) {
    this.warmupMs = warmupMs;
  }

  /** @param atMs since the start of the run */
  void add(long atMs, Phase phase, Map<ProcessResource, Long> values) {
    samples.add(new Sample(atMs, phase, values));
  }

  /** Returns true if there are enough samples to be compared. */
  boolean isComplete() {
    return series(Phase.CALM, ProcessResource.LIVE_HEAP).size() >= GrowthLimit.VALUES_MIN;
  }

  /** Returns a description of each resource that has grown, with all its values. */
  List<String> growth() {
    List<String> grown = new ArrayList<>();
    for (ProcessResource resource : ProcessResource.values()) {
      List<Long> series = series(Phase.CALM, resource);
      Comparison found = resource.limit().compare(series);
      if (!found.isFlat()) {
        grown.add("%s grew from %s to %s, above %s: %s"
            .formatted(
                resource.label(),
                resource.format(found.first()),
                resource.format(found.last()),
                resource.format(found.lastMax()),
                series.stream().map(resource::format).toList()));
      }
    }
    return grown;
  }

  /** Returns a table in Markdown. */
  String table() {
    StringBuilder table = new StringBuilder("""
        | | at rest, first quarter | last quarter | permitted | all | under load |
        |---|---|---|---|---|---|
        """);
    for (ProcessResource resource : ProcessResource.values()) {
      Comparison found = resource.limit().compare(series(Phase.CALM, resource));
      table.append("| %s | %s | %s | %s | %s | %s |%n"
          .formatted(
              resource.label(),
              resource.format(found.first()),
              resource.format(found.last()),
              resource.format(found.lastMax()),
              range(resource, Phase.CALM),
              range(resource, Phase.ATTACK)));
    }
    return table.toString();
  }

  /** Returns all samples, those of the warm-up too, as values for JSON. */
  List<Map<String, Object>> samples() {
    return samples.stream().map(ResourceHistory::toJson).toList();
  }

  private static Map<String, Object> toJson(Sample sample) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("atMs", sample.atMs());
    json.put("phase", sample.phase() == Phase.CALM ? "rest" : "load");
    sample
        .values()
        .forEach((resource, value) -> json.put(resource.name().toLowerCase(Locale.ROOT), value));
    return json;
  }

  private String range(ProcessResource resource, Phase phase) {
    List<Long> sorted = series(phase, resource).stream().sorted().toList();
    return sorted.isEmpty()
        ? ""
        : resource.format(sorted.get(0)) + "–" + resource.format(sorted.get(sorted.size() - 1));
  }

  private List<Long> series(Phase phase, ProcessResource resource) {
    List<Long> series = new ArrayList<>();
    for (Sample sample : samples) {
      Long value = sample.values().get(resource);
      if (sample.atMs() >= warmupMs && sample.phase() == phase && value != null) {
        series.add(value);
      }
    }
    return series;
  }
}
