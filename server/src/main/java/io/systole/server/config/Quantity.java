// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import java.math.BigDecimal;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A quantity whose values are written as a number with a unit. Zero needs no unit. */
enum Quantity {
  /** A duration, in milliseconds. */
  DURATION(
      "durations are written like 500ms, 10s, 3m, 2h or 7d",
      List.of(
          new Unit("ms", 1),
          new Unit("s", 1_000),
          new Unit("m", 60_000),
          new Unit("h", 3_600_000),
          new Unit("d", 86_400_000))),
  /** A size, in bytes. */
  SIZE(
      "sizes are written like 512B, 64KiB, 16MiB or 2GiB",
      List.of(
          new Unit("B", 1),
          new Unit("KiB", 1L << 10),
          new Unit("MiB", 1L << 20),
          new Unit("GiB", 1L << 30),
          new Unit("TiB", 1L << 40)));

  private record Unit(String symbol, long factor) {}

  private static final Pattern NUMBER_AND_UNIT =
      Pattern.compile("([0-9]{1,15}(?:\\.[0-9]{1,9})?) ?([A-Za-z]*)");

  private final String notation;

  /** From small to large. */
  @SuppressWarnings("ImmutableEnumChecker") // the list is immutable
  private final List<Unit> units;

  Quantity(String notation, List<Unit> units) {
    this.notation = notation;
    this.units = units;
  }

  /** Returns a sentence with examples of the notation. */
  String notation() {
    return notation;
  }

  /** Returns a value in the smallest unit; null if it is malformed or not a multiple of that. */
  @Nullable
  Long parse(String text) {
    Matcher value = NUMBER_AND_UNIT.matcher(text);
    if (!value.matches()) {
      return null;
    }
    BigDecimal number = new BigDecimal(value.group(1));
    if (value.group(2).isEmpty()) {
      return number.signum() == 0 ? 0L : null;
    }
    try {
      for (Unit unit : units) {
        if (unit.symbol.equals(value.group(2))) {
          return number.multiply(BigDecimal.valueOf(unit.factor)).longValueExact();
        }
      }
    } catch (ArithmeticException fractionOrOverflow) {
      return null;
    }
    return null;
  }

  /** Formats a value in the largest unit of which it is a multiple. */
  String format(long value) {
    if (value == 0) {
      return "0";
    }
    Unit best = units.get(0);
    for (Unit unit : units) {
      if (value % unit.factor == 0) {
        best = unit;
      }
    }
    return value / best.factor + best.symbol;
  }
}
