// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.target;

import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads values from Prometheus' exposition format, and from OpenMetrics, which is alike. */
final class PrometheusParser {
  /** {@code name{labels} value [timestamp]}; a label's value may hold blanks and braces. */
  private static final Pattern LINE =
      Pattern.compile("([A-Za-z_:][\\w:]*)(?:\\{(.*)\\})?\\s+(\\S+)(?:\\s+\\S.*)?");

  private PrometheusParser() {}

  /**
   * Returns the sum over all series of one name that have one label; empty when there are none.
   *
   * @param label {@code name="value"}
   */
  static OptionalDouble sum(String text, String name, String label) {
    return text.lines()
        .filter(line -> line.startsWith(name))
        .map(LINE::matcher)
        .filter(Matcher::matches)
        .filter(line -> line.group(1).equals(name) && has(line.group(2), label))
        .mapToDouble(line -> value(line.group(3)))
        .reduce(Double::sum);
  }

  /** Some writers leave a comma behind the last label. */
  private static boolean has(String labels, String label) {
    return labels != null && ("," + labels + ",").contains("," + label + ",");
  }

  private static double value(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      // "+Inf" and what else is no quantity of anything.
      return Double.NaN;
    }
  }
}
