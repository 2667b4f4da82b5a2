// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report.html;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/** The unit and number format of a figure. */
enum FigureUnit {
  COUNT(""),
  PER_SEC("/s"),
  MS("\u00a0ms"),
  US("\u00a0\u00b5s"),
  SECS("\u00a0s"),
  BYTES("\u00a0B"),
  CORES("\u00a0cores"),
  MIB("\u00a0MiB");

  private static final double BYTES_PER_MIB = 1 << 20;
  private static final MathContext THREE = new MathContext(3);

  private final String suffix;

  FigureUnit(String suffix) {
    this.suffix = suffix;
  }

  /** Returns the value with its unit; memory is given in bytes. */
  String of(double value) {
    return bare(value) + suffix;
  }

  /** Returns the minimum and maximum with their unit. */
  String range(double least, double greatest) {
    return bare(least) + "\u2013" + bare(greatest) + suffix;
  }

  private String bare(double value) {
    return switch (this) {
      case COUNT, PER_SEC, SECS ->
        value < 10 && value != Math.rint(value)
            ? digits(value)
            : String.format(Locale.ROOT, "%,.0f", value);
      case MIB -> digits(value / BYTES_PER_MIB);
      default -> digits(value);
    };
  }

  /** Returns the value with three significant digits, or all digits of its integer part. */
  static String digits(double value) {
    if (value == 0) {
      return "0";
    }
    if (!Double.isFinite(value)) {
      return Double.toString(value);
    }
    // Rounded first; otherwise 0.9999 would become 1.000.
    double size = Math.abs(new BigDecimal(value).round(THREE).doubleValue());
    if (size >= 100) {
      return String.format(Locale.ROOT, "%,.0f", value);
    }
    return String.format(Locale.ROOT, size >= 10 ? "%.1f" : size >= 1 ? "%.2f" : "%.3f", value);
  }
}
