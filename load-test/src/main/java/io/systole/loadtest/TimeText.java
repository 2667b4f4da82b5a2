// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Converters of durations: {@code 500ms}, {@code 30s}, {@code 1m}. */
final class TimeText {
  private static final Pattern TIME = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([a-z]*)");
  private static final double MS_PER_SEC = 1e3;
  private static final Map<String, Double> UNITS =
      Map.of("ms", 1.0, "s", MS_PER_SEC, "m", 60 * MS_PER_SEC, "h", 3600 * MS_PER_SEC);

  private TimeText() {}

  /** Converts to milliseconds; a bare number is milliseconds. */
  static final class Milliseconds implements ITypeConverter<Double> {
    @Override
    public Double convert(String text) {
      return ms(text, "ms");
    }
  }

  /** Converts to seconds; a bare number is seconds. */
  static final class Seconds implements ITypeConverter<Double> {
    @Override
    public Double convert(String text) {
      return ms(text, "s") / MS_PER_SEC;
    }
  }

  private static double ms(String text, String bareUnit) {
    Matcher time = TIME.matcher(text);
    if (time.matches()) {
      Double unitMs = UNITS.get(time.group(2).isEmpty() ? bareUnit : time.group(2));
      if (unitMs != null) {
        return Double.parseDouble(time.group(1)) * unitMs;
      }
    }
    throw new TypeConversionException(
        "expected a time such as 500ms, 30s or 1m, got '" + text + "'");
  }
}
