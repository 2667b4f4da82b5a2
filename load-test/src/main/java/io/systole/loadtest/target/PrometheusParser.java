// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.target;

import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A parser of the Prometheus exposition format and of OpenMetrics. */
final class PrometheusParser {
  /** {@code name{labels} value [timestamp]}; a label value may contain spaces and braces. */
  private static final Pattern LINE =
      Pattern.compile("([A-Za-z_:][\\w:]*)(?:\\{(.*)\\})?\\s+(\\S+)(?:\\s+\\S.*)?");

  private PrometheusParser() {}

  /**
   * Returns the sum of all series of a name that have a label; empty if there are none.
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

  /** Some exporters write a comma after the last label. */
  private static boolean has(String labels, String label) {
    return labels != null && ("," + labels + ",").contains("," + label + ",");
  }

  private static double value(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      // Not a number.
      return Double.NaN;
    }
  }
}
