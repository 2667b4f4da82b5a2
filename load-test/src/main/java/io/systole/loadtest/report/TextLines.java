// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report;

import io.systole.loadtest.report.Report.ReportConditions;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A builder of terminal output with locale-independent numbers. Texts may come from a server or a
 * file: their control characters are escaped, since a terminal would execute them.
 */
public final class TextLines {
  private final StringBuilder text = new StringBuilder();

  /** Adds a line. */
  public void add(String format, @Nullable Object... values) {
    @Nullable
    Object[] printable = Arrays.stream(values)
        .map(value -> value instanceof Number ? value : escaped(String.valueOf(value)))
        .toArray();
    text.append(String.format(Locale.ROOT, format, printable)).append(System.lineSeparator());
  }

  /** Returns a text with its control characters, such as line ends, escaped. */
  public static String escaped(String text) {
    if (text.chars().noneMatch(Character::isISOControl)) {
      return text;
    }
    StringBuilder escaped = new StringBuilder();
    text.chars().forEach(c -> {
      if (Character.isISOControl(c)) {
        escaped.append(String.format(Locale.ROOT, "\\u%04x", c));
      } else {
        escaped.append((char) c);
      }
    });
    return escaped.toString();
  }

  /** Returns a number with its noun, whose plural ends in s. */
  public static String count(long count, String noun) {
    return String.format(Locale.ROOT, count == 1 ? "%,d %s" : "%,d %ss", count, noun);
  }

  /**
   * Adds the conditions without the target.
   *
   * @param rate the interval, after a comma; may be empty
   */
  void addConditions(ReportConditions at, String rate) {
    add(
        "  %s in %s, %s x %d in flight, %s%s",
        count(at.instances(), "instance"),
        count(at.applications(), "application"),
        count(at.connections(), "connection"),
        at.inFlight(),
        count(at.loops(), "loop"),
        rate);
    add("  %s", at.traffic());
    add(
        "  JDK %s, %s, %s, %s, started %s",
        at.jdk(), at.transport(), at.os(), count(at.cores(), "core"), at.startedAt());
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
