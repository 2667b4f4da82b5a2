// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report;

import io.systole.loadtest.report.Report.ReportConditions;
import java.util.Locale;

/** Lines for a terminal, their numbers written as in no particular country. */
final class TextLines {
  private final StringBuilder text = new StringBuilder();

  void add(String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append(System.lineSeparator());
  }

  /**
   * Says what was driven and where, without the target.
   *
   * @param rhythm how often an instance beat, after a comma; empty where that is told elsewhere
   */
  void addConditions(ReportConditions at, String rhythm) {
    add(
        "  %,d instances in %,d applications, %d connections x %d in flight, %d loop(s)%s",
        at.instances(), at.applications(), at.connections(), at.inFlight(), at.loops(), rhythm);
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
