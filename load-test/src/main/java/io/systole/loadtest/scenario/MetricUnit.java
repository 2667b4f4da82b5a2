// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The unit and notation of a metric. */
enum MetricUnit {
  /** A plain number. */
  COUNT("a number", factors("", 1)),
  /** A share, 0 to 1. */
  SHARE("a share such as 10%", factors("%", 0.01)),
  /** Milliseconds. */
  DURATION(
      "a duration such as 500ms, 30s or 2m (us, ms, s, m, h)",
      factors("us", 1e-3, "ms", 1, "s", 1e3, "m", 60e3, "h", 3600e3)),
  /** A rate per second. */
  RATE("a rate such as 200/s", factors("/s", 1)),
  /** Bytes. */
  BYTES("a size such as 64KB (B, KB, MB, GB)", factors("B", 1, "KB", 1e3, "MB", 1e6, "GB", 1e9));

  private static final Pattern FIGURE =
      Pattern.compile("(\\d{1,15}(?:\\.\\d{1,9})?) ?([^\\d\\s]*)");

  private final String description;

  @SuppressWarnings("ImmutableEnumChecker")
  private final Map<String, Double> factors;

  MetricUnit(String description, Map<String, Double> factors) {
    this.description = description;
    this.factors = factors;
  }

  private static Map<String, Double> factors(Object... namesAndFactors) {
    Map<String, Double> factors = new LinkedHashMap<>();
    for (int index = 0; index < namesAndFactors.length; index += 2) {
      factors.put(
          (String) namesAndFactors[index], ((Number) namesAndFactors[index + 1]).doubleValue());
    }
    return Collections.unmodifiableMap(factors);
  }

  /** Returns an example of the notation, for messages. */
  String description() {
    return description;
  }

  /**
   * Parses a value; zero needs no unit.
   *
   * @throws IllegalArgumentException if it is not of this unit
   */
  double parse(String text) {
    Matcher figure = FIGURE.matcher(text.strip());
    if (figure.matches()) {
      double number = Double.parseDouble(figure.group(1));
      Double factor = factors.get(figure.group(2));
      if (factor != null) {
        // Division by 100 is exact where multiplication by 0.01 is not: 29% must be 0.29.
        return factor < 1 ? number / Math.rint(1 / factor) : number * factor;
      }
      if (number == 0 && figure.group(2).isEmpty()) {
        return 0;
      }
    }
    throw new IllegalArgumentException("must be " + description + ", got \"" + text + "\"");
  }

  /** Formats a duration. */
  static String ofMs(long ms) {
    return DURATION.format((double) ms);
  }

  /** Formats a value. */
  String format(double value) {
    if (Double.isInfinite(value)) {
      return "never";
    }
    return switch (this) {
      case COUNT -> number(value);
      case SHARE -> number(value * 100) + "%";
      case RATE -> number(value) + "/s";
      case DURATION, BYTES -> scaled(value);
    };
  }

  private String scaled(double value) {
    String name = "";
    double best = 0;
    for (Map.Entry<String, Double> factor : factors.entrySet()) {
      // Minutes and hours are for input only; seconds compare better.
      boolean isShown = !factor.getKey().equals("m") && !factor.getKey().equals("h");
      if (name.isEmpty() || (isShown && value >= factor.getValue())) {
        name = factor.getKey();
        best = factor.getValue();
      }
    }
    return number(value / best) + name;
  }

  private static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : String.format(Locale.ROOT, "%.3f", value).replaceAll("\\.?0+$", "");
  }
}
