// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.Report.Percentiles;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A metric that expectations can refer to.
 *
 * @param missing possible reason why it was not measured
 */
record ScenarioMetric(
    String name,
    MetricUnit unit,
    String about,
    String missing,
    BiFunction<Report, MetricValues, OptionalDouble> value) {

  /** The metric for which the nodes' own counts are read. */
  static final String RENEWALS_COUNTED = "renewals.counted";

  private static final Pattern ANSWERED = Pattern.compile("answered\\.([1-5])(\\d\\d|xx)");
  private static final String STATUS = "answered.<status> such as answered.404 or answered.5xx";
  private static final double US_PER_MS = 1e3;

  /** All metrics with a fixed name, in the order of the documentation. */
  static final List<ScenarioMetric> ALL = List.of(
      ofReport(
          "due",
          MetricUnit.COUNT,
          "heartbeats due in the window",
          r -> r.window().due()),
      ofReport(
          "answered.not200",
          MetricUnit.COUNT,
          "of those, with another status than 200",
          r -> sum(r.window().statuses()) - r.window().renewals()),
      ofReport(
          "failed",
          MetricUnit.COUNT,
          "of those, failed or unanswered",
          r -> sum(r.window().failures()) + r.window().unanswered()),
      ofReport(
          "rate",
          MetricUnit.RATE,
          "renewals per second within the window",
          r -> r.window().renewalsPerSec()),
      ofLatency("p50", 50, "from due to the response", Percentiles::p50Ms),
      ofLatency("p90", 90, "", Percentiles::p90Ms),
      ofLatency("p99", 99, "", Percentiles::p99Ms),
      ofLatency("p99.9", 99.9, "", Percentiles::p999Ms),
      ofLatency("max", 100, "", Percentiles::maxMs),
      ofReport(
          "registrations.rate",
          MetricUnit.RATE,
          "registrations per second of the initial fleet",
          r -> r.registrations().perSec()),
      observed(
          "registered", MetricUnit.COUNT, "registrations accepted within the window", "nothing"),
      observed(
          "lost",
          MetricUnit.COUNT,
          "heartbeats of registered instances that received 404, in the whole run",
          "nothing was measured"),
      observed(
          "kept",
          MetricUnit.SHARE,
          "share of the active instances that are registered at the end",
          "the registry could not be read"),
      observed(
          "strays",
          MetricUnit.COUNT,
          "instances still registered after their cancel",
          "the registry could not be read"),
      observed(
          "p99.growth",
          MetricUnit.COUNT,
          "p99 of the window, as a multiple of that of the warm-up",
          "only a lower bound is known, because heartbeats have no response"),
      observed(
          "crowd.registered",
          MetricUnit.COUNT,
          "clients of the crowd registered in the window",
          "there was no crowd"),
      observed(
          "crowd.complete",
          MetricUnit.DURATION,
          "from the start of the crowd until all were registered",
          "not all were registered, or there was no crowd"),
      observed(
          "crowd.refused",
          MetricUnit.COUNT,
          "registrations of the crowd with status 503",
          "there was no crowd"),
      observed(
          "crowd.without-retry-after",
          MetricUnit.COUNT,
          "of those, without Retry-After",
          "there was no crowd"),
      observed(
          "crowd.failed",
          MetricUnit.COUNT,
          "registrations of the crowd without a response or with another status",
          "there was no crowd"),
      observed(
          "evicted",
          MetricUnit.SHARE,
          "share of the stopped instances that were evicted",
          "no instance was stopped, or the registry could not be read"),
      observed(
          "eviction",
          MetricUnit.DURATION,
          "from the stop until all stopped instances were evicted",
          "not all stopped instances were evicted"),
      observed(
          "outage",
          MetricUnit.DURATION,
          "from the kill to the next 200",
          "no restart, or no 200 after it"),
      observed(
          "recovery",
          MetricUnit.DURATION,
          "from the kill until no heartbeat failed and all instances were registered",
          "no restart, or the fleet did not recover within the settle time"),
      observed("readers.answered", MetricUnit.COUNT, "reads answered", "there were no readers"),
      observed(
          "readers.not200", MetricUnit.COUNT, "of those, not with 200", "there were no readers"),
      observed(
          "readers.failed", MetricUnit.COUNT, "reads without a response", "there were no readers"),
      observed(
          "readers.p50",
          MetricUnit.DURATION,
          "from due to the last byte",
          "no read had a response"),
      observed("readers.p99", MetricUnit.DURATION, "", "no read had a response"),
      observed("readers.max", MetricUnit.DURATION, "", "no read had a response"),
      observed("readers.bytes", MetricUnit.BYTES, "of bodies, as sent", "there were no readers"),
      observed(
          "converged",
          MetricUnit.DURATION,
          "until the last watched node had the same registry as the target",
          "no node was watched"),
      observed(
          "reconverged",
          MetricUnit.DURATION,
          "from the start or thaw of a node, or a partition's end, until all registries were equal",
          "no node was started, thawed or connected again, or none was watched"),
      observed(
          "partitioned",
          MetricUnit.DURATION,
          "from the start of a partition until no member listed one of the other part",
          "there was no partition"),
      observed(
          "merged",
          MetricUnit.DURATION,
          "from the end of a partition until all members listed each other",
          "no partition ended"),
      observed(
          RENEWALS_COUNTED,
          MetricUnit.SHARE,
          "renewals that all nodes counted, as a share of the responses with status 200",
          "no heartbeat was renewed, or a node publishes no count of renewals"),
      observed(
          "differences",
          MetricUnit.COUNT,
          "instances that differ between the target and watched nodes at the end",
          "no node was watched, or a registry could not be read"),
      ofReport(
          "generator.lag.p99",
          MetricUnit.DURATION,
          "lag of the load generator itself",
          r -> r.generator().lagP99Ms()),
      ofReport(
          "generator.cores",
          MetricUnit.COUNT,
          "CPU seconds of the load generator per second",
          r -> r.generator().cores()),
      new ScenarioMetric(
          "target.cpu-per-renewal",
          MetricUnit.DURATION,
          "CPU time of the target per response",
          "requires --pid, and no restart",
          (report, metrics) -> {
            Double us = report.cost().targetCpuUs();
            return us == null ? OptionalDouble.empty() : OptionalDouble.of(us / US_PER_MS);
          }));

  /**
   * Returns the metric of a name.
   *
   * @throws IllegalArgumentException listing all metrics if it is unknown
   */
  static ScenarioMetric of(String name) {
    Matcher status = ANSWERED.matcher(name);
    if (status.matches()) {
      String prefix = status.group(1) + status.group(2).replace("xx", "");
      return ofReport(name, MetricUnit.COUNT, "", report -> countOfStatuses(prefix, report));
    }
    return ALL.stream()
        .filter(metric -> metric.name.equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(
            "has the unknown metric \"" + name + "\"; known are " + names()));
  }

  /** Returns all names, including the pattern for statuses. */
  static String names() {
    return String.join(", ", ALL.stream().map(ScenarioMetric::name).toList()) + ", " + STATUS;
  }

  private static ScenarioMetric ofReport(
      String name, MetricUnit unit, String about, Function<Report, Number> value) {
    return new ScenarioMetric(
        name,
        unit,
        about,
        "nothing was measured",
        (report, metrics) -> OptionalDouble.of(value.apply(report).doubleValue()));
  }

  /** A percentile counts as measured only if it is that of a response, not a lower bound. */
  private static ScenarioMetric ofLatency(
      String name, double percent, String about, ToDoubleFunction<Percentiles> ms) {
    return new ScenarioMetric(
        name,
        MetricUnit.DURATION,
        about,
        "only a lower bound is known, because heartbeats have no response",
        (report, metrics) -> report.window().hasLatencyAt(percent)
            ? OptionalDouble.of(ms.applyAsDouble(report.window().fromDue()))
            : OptionalDouble.empty());
  }

  private static ScenarioMetric observed(
      String name, MetricUnit unit, String about, String missing) {
    return new ScenarioMetric(name, unit, about, missing, (report, metrics) -> metrics.value(name));
  }

  private static long countOfStatuses(String prefix, Report report) {
    return report.window().statuses().entrySet().stream()
        .filter(count -> count.getKey().startsWith(prefix))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  private static long sum(Map<String, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }
}
