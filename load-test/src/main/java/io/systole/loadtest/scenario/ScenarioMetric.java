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
 * A figure that can be expected.
 *
 * @param missing why there may be none
 */
record ScenarioMetric(
    String name,
    MetricUnit unit,
    String about,
    String missing,
    BiFunction<Report, MetricValues, OptionalDouble> value) {

  private static final Pattern ANSWERED = Pattern.compile("answered\\.([1-5])(\\d\\d|xx)");
  private static final String STATUS = "answered.<status> such as answered.404 or answered.5xx";
  private static final double US_PER_MS = 1e3;

  /** All that have a name of their own, in the order in which people look for them. */
  static final List<ScenarioMetric> ALL = List.of(
      ofReport(
          "due",
          MetricUnit.COUNT,
          "heartbeats due in the window",
          r -> r.window().due()),
      ofReport(
          "answered.not200",
          MetricUnit.COUNT,
          "of those, answered otherwise than 200",
          r -> sum(r.window().statuses()) - r.window().renewals()),
      ofReport(
          "failed",
          MetricUnit.COUNT,
          "of those, failed or unanswered",
          r -> sum(r.window().failures()) + r.window().unanswered()),
      ofReport(
          "rate",
          MetricUnit.RATE,
          "renewals per second, answered within the window",
          r -> r.window().renewalsPerSec()),
      ofLatency("p50", 50, "from due to answer", Percentiles::p50Ms),
      ofLatency("p90", 90, "", Percentiles::p90Ms),
      ofLatency("p99", 99, "", Percentiles::p99Ms),
      ofLatency("p99.9", 99.9, "", Percentiles::p999Ms),
      ofLatency("max", 100, "", Percentiles::maxMs),
      ofReport(
          "registrations.rate",
          MetricUnit.RATE,
          "at which the fleet came in",
          r -> r.registrations().perSec()),
      found("registered", MetricUnit.COUNT, "registrations accepted within the window", "nothing"),
      found(
          "kept",
          MetricUnit.SHARE,
          "of those who beat at the end, registered as the registry shows",
          "the registry could not be read"),
      found(
          "strays",
          MetricUnit.COUNT,
          "registered though they had cancelled",
          "the registry could not be read"),
      found(
          "evicted",
          MetricUnit.SHARE,
          "of the silent, gone when they woke or at the end",
          "nobody was silent, or the registry could not be read"),
      found(
          "eviction",
          MetricUnit.DURATION,
          "from the silence until none of the silent was left",
          "not all of the silent were evicted"),
      found(
          "outage",
          MetricUnit.DURATION,
          "from the kill to the next 200",
          "no restart, or no 200 after it"),
      found(
          "recovery",
          MetricUnit.DURATION,
          "from the kill until no beat failed and all were registered",
          "no restart, or the fleet had not recovered when the time to settle was over"),
      found("readers.answered", MetricUnit.COUNT, "reads answered", "there were no readers"),
      found("readers.not200", MetricUnit.COUNT, "of those, not with 200", "there were no readers"),
      found("readers.failed", MetricUnit.COUNT, "reads without an answer", "there were no readers"),
      found(
          "readers.p50", MetricUnit.DURATION, "from due to the last byte", "no read was answered"),
      found("readers.p99", MetricUnit.DURATION, "", "no read was answered"),
      found("readers.max", MetricUnit.DURATION, "", "no read was answered"),
      found("readers.bytes", MetricUnit.BYTES, "of bodies, as sent", "there were no readers"),
      found(
          "converged",
          MetricUnit.DURATION,
          "until the last of the watched nodes showed what the target showed",
          "no node was watched"),
      ofReport(
          "generator.lag.p99",
          MetricUnit.DURATION,
          "by which the load generator itself was late",
          r -> r.generator().lagP99Ms()),
      ofReport(
          "generator.cores",
          MetricUnit.COUNT,
          "CPU seconds of the load generator per second",
          r -> r.generator().cores()),
      new ScenarioMetric(
          "target.cpu-per-renewal",
          MetricUnit.DURATION,
          "CPU time of the target per answer",
          "it needs --pid of a target that was not restarted",
          (report, findings) -> {
            Double us = report.cost().targetCpuUs();
            return us == null ? OptionalDouble.empty() : OptionalDouble.of(us / US_PER_MS);
          }));

  /**
   * Finds a measure by its name.
   *
   * @throws IllegalArgumentException with the list of all when there is none
   */
  static ScenarioMetric of(String name) {
    Matcher status = ANSWERED.matcher(name);
    if (status.matches()) {
      String begin = status.group(1) + status.group(2).replace("xx", "");
      return ofReport(name, MetricUnit.COUNT, "", report -> beginningWith(begin, report));
    }
    return ALL.stream()
        .filter(measure -> measure.name.equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(
            "has the unknown measure \"" + name + "\"; known are " + names()));
  }

  /** Returns all names, with that which stands for many. */
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
        (report, findings) -> OptionalDouble.of(value.apply(report).doubleValue()));
  }

  /** A percentile of which only a lower bound is known does not count as measured. */
  private static ScenarioMetric ofLatency(
      String name, double percent, String about, ToDoubleFunction<Percentiles> ms) {
    return new ScenarioMetric(
        name,
        MetricUnit.DURATION,
        about,
        "more beats than lie above it have no answer",
        (report, findings) -> report.window().hasLatencyAt(percent)
            ? OptionalDouble.of(ms.applyAsDouble(report.window().fromDue()))
            : OptionalDouble.empty());
  }

  private static ScenarioMetric found(String name, MetricUnit unit, String about, String missing) {
    return new ScenarioMetric(
        name, unit, about, missing, (report, findings) -> findings.value(name));
  }

  private static long beginningWith(String begin, Report report) {
    return report.window().statuses().entrySet().stream()
        .filter(count -> count.getKey().startsWith(begin))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  private static long sum(Map<String, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }
}
