// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.Report.ReportExpectation;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One thing that must hold in the end: {@code <measure> <op> <number><unit>}.
 *
 * @param text as written
 * @param bound in the measure's unit
 */
record MetricExpectation(String text, ScenarioMetric measure, Comparison comparison, double bound) {
  private static final Pattern GRAMMAR =
      Pattern.compile("([A-Za-z][\\w.-]*)\\s*(<=|>=|!=|=|<|>)\\s*(\\S.*)");

  /** How a figure may stand to its bound. */
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
      throw new IllegalArgumentException("no comparison is written " + sign);
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
   * Reads one.
   *
   * @throws IllegalArgumentException saying what is wrong with it
   */
  static MetricExpectation parse(String text) {
    Matcher parts = GRAMMAR.matcher(text.strip());
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "must be <measure> <op> <number><unit> with op one of = != < <= > >=, got \"" + text
              + "\"");
    }
    ScenarioMetric measure = ScenarioMetric.of(parts.group(1));
    double bound;
    try {
      bound = measure.unit().parse(parts.group(3));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "compares " + measure.name() + ", which " + e.getMessage());
    }
    return new MetricExpectation(text.strip(), measure, Comparison.of(parts.group(2)), bound);
  }

  /** Holds it against what was measured; a figure that was not taken does not hold. */
  ReportExpectation judge(Report report, MetricValues findings) {
    OptionalDouble actual = measure.value().apply(report, findings);
    if (actual.isEmpty()) {
      return new ReportExpectation(text, "not measured: " + measure.missing(), false);
    }
    return new ReportExpectation(
        text,
        measure.unit().format(actual.getAsDouble()),
        comparison.holds(actual.getAsDouble(), bound));
  }
}
