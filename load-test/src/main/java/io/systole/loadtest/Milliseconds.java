// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A time as people write it, {@code 20ms} or {@code 0.5s}; a bare number is milliseconds. */
final class Milliseconds implements ITypeConverter<Double> {
  private static final Pattern TIME = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*(ms|s|)");
  private static final double MS_PER_SEC = 1e3;

  @Override
  public Double convert(String text) {
    Matcher time = TIME.matcher(text);
    if (!time.matches()) {
      throw new TypeConversionException("expected a time like 20ms or 0.5s, got '" + text + "'");
    }
    double value = Double.parseDouble(time.group(1));
    return time.group(2).equals("s") ? value * MS_PER_SEC : value;
  }
}
