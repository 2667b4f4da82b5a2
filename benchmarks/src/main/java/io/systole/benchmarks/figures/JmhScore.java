// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.figures;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * One score of a JMH result file.
 *
 * @param method of the benchmark, without its class
 * @param setting parameters as {@code name=value}, in the file's order; empty without any
 * @param score in {@code unit}
 * @param error half of the 99.9 % confidence interval; NaN when there were too few samples
 * @param unit e.g. {@code ns/op}
 * @param allocatedBytes per operation; NaN when that was not profiled
 */
record JmhScore(
    String method, String setting, double score, double error, String unit, double allocatedBytes) {
  /** Maximum published error, as a fraction of the score. */
  static final double ERROR_SHARE_MAX = 0.2;

  private static final int PERCENT = 100;

  /** Returns all scores of a JMH result file. */
  static List<JmhScore> read(JsonNode results) {
    List<JmhScore> scores = new ArrayList<>();
    for (JsonNode result : results) {
      String benchmark = result.path("benchmark").asString();
      JsonNode metric = result.path("primaryMetric");
      scores.add(new JmhScore(
          benchmark.substring(benchmark.lastIndexOf('.') + 1),
          setting(result.path("params")),
          number(metric.path("score")),
          number(metric.path("scoreError")),
          metric.path("scoreUnit").asString(),
          allocated(result.path("secondaryMetrics"))));
    }
    return scores;
  }

  private static String setting(JsonNode params) {
    List<String> parts = new ArrayList<>();
    for (Map.Entry<String, JsonNode> param : params.properties()) {
      parts.add(param.getKey() + "=" + param.getValue().asString());
    }
    return String.join(", ", parts);
  }

  private static double allocated(JsonNode metrics) {
    for (Map.Entry<String, JsonNode> metric : metrics.properties()) {
      if (metric.getKey().endsWith("gc.alloc.rate.norm")) {
        return number(metric.getValue().path("score"));
      }
    }
    return Double.NaN;
  }

  /** JMH writes NaN as a string. */
  private static double number(JsonNode node) {
    return node.isNumber() ? node.asDouble() : Double.NaN;
  }

  /** Returns whether the error is too large or unknown. */
  boolean isNoisy() {
    return !(error <= ERROR_SHARE_MAX * score);
  }

  /** Returns the score with its error, or the reason why it is not published. */
  String text() {
    if (isNoisy()) {
      return Double.isNaN(error)
          ? "not published (error unknown)"
          : String.format(Locale.ROOT, "not published (± %.0f %%)", PERCENT * error / score);
    }
    String text = rounded(score) + " ± " + rounded(error);
    return Double.isNaN(allocatedBytes)
        ? text
        : text + String.format(Locale.ROOT, ", %,.0f B", allocatedBytes);
  }

  /** Formats a value with three significant digits, or more if it has more before the point. */
  private static String rounded(double value) {
    int decimals = value < 10 ? 2 : value < 100 ? 1 : 0;
    return String.format(Locale.ROOT, "%,." + decimals + "f", value);
  }
}
