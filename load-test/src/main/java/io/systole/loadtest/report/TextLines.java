// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report;

import io.systole.loadtest.report.Report.ReportConditions;
import java.util.Locale;

/** A builder of terminal output with locale-independent numbers. */
public final class TextLines {
  private final StringBuilder text = new StringBuilder();

  /** Adds a line. */
  public void add(String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append(System.lineSeparator());
  }

  /**
   * Adds the conditions without the target.
   *
   * @param rate the interval, after a comma; may be empty
   */
  void addConditions(ReportConditions at, String rate) {
    add(
        "  %,d instances in %,d applications, %d connections x %d in flight, %d loop(s)%s",
        at.instances(), at.applications(), at.connections(), at.inFlight(), at.loops(), rate);
    add("  %s", at.traffic());
    add(
        "  JDK %s, %s, %s, %d cores, started %s",
        at.jdk(), at.transport(), at.os(), at.cores(), at.startedAt());
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
