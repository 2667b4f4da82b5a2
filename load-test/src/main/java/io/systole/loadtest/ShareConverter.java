// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A converter of shares: {@code 5%} or {@code 0.05}. */
final class ShareConverter implements ITypeConverter<Double> {
  private static final Pattern SHARE = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*(%?)");
  private static final double PERCENT = 100;

  @Override
  public Double convert(String text) {
    Matcher share = SHARE.matcher(text);
    if (!share.matches()) {
      throw new TypeConversionException("expected a share such as 5% or 0.05, got '" + text + "'");
    }
    double value = Double.parseDouble(share.group(1));
    return share.group(2).isEmpty() ? value : value / PERCENT;
  }
}
