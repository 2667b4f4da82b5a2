// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.Report.ReportExpectation;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An expectation: {@code <metric> <op> <number><unit>}.
 *
 * @param text as written
 * @param bound in the metric's base unit
 */
record MetricExpectation(String text, ScenarioMetric metric, Comparison comparison, double bound) {
  private static final Pattern GRAMMAR =
      Pattern.compile("([A-Za-z][\\w.-]*)\\s*(<=|>=|!=|=|<|>)\\s*(\\S.*)");

  /** A comparison operator. */
  enum Comparison {
    EQUAL("="),
    NOT_EQUAL("!="),
    LESS("<"),
    AT_MOST("<="),
    GREATER(">"),
    AT_LEAST(">=");

    private final String sign;

    Comparison(String sign) {
      this.sign = sign;
    }

    static Comparison of(String sign) {
      for (Comparison comparison : values()) {
        if (comparison.sign.equals(sign)) {
          return comparison;
        }
      }
      throw new IllegalArgumentException("unknown operator " + sign);
    }

    boolean holds(double actual, double bound) {
      int order = Double.compare(actual, bound);
      return switch (this) {
        case EQUAL -> order == 0;
        case NOT_EQUAL -> order != 0;
        case LESS -> order < 0;
        case AT_MOST -> order <= 0;
        case GREATER -> order > 0;
        case AT_LEAST -> order >= 0;
      };
    }
  }

  /**
   * Parses an expectation.
   *
   * @throws IllegalArgumentException if it is malformed
   */
  static MetricExpectation parse(String text) {
    Matcher parts = GRAMMAR.matcher(text.strip());
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "must be <metric> <op> <number><unit> with op one of = != < <= > >=, got \"" + text
              + "\"");
    }
    ScenarioMetric metric = ScenarioMetric.of(parts.group(1));
    double bound;
    try {
      bound = metric.unit().parse(parts.group(3));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("compares " + metric.name() + ", which " + e.getMessage());
    }
    return new MetricExpectation(text.strip(), metric, Comparison.of(parts.group(2)), bound);
  }

  /** Evaluates the expectation; it fails if the metric was not measured. */
  ReportExpectation evaluate(Report report, MetricValues metrics) {
    OptionalDouble actual = metric.value().apply(report, metrics);
    if (actual.isEmpty()) {
      return new ReportExpectation(text, "not measured: " + metric.missing(), false);
    }
    return new ReportExpectation(
        text,
        metric.unit().format(actual.getAsDouble()),
        comparison.holds(actual.getAsDouble(), bound));
  }
}
