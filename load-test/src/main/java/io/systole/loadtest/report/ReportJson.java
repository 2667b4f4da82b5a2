// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report;

import tools.jackson.databind.json.JsonMapper;

/** The report for machines, and for whoever looks at it later. */
public final class ReportJson {
  private ReportJson() {}

  /** Returns the report as an indented document with a line end. */
  public static String of(Report report) {
    return write(report);
  }

  /** Returns the outcome of a search as an indented document with a line end. */
  public static String of(Capacity capacity) {
    return write(capacity);
  }

  /** Returns all rounds of a comparison as an indented document with a line end. */
  public static String of(ComparisonReport rounds) {
    return write(rounds);
  }

  private static String write(Object outcome) {
    return JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(outcome) + "\n";
  }

  /**
   * Reads what {@link #of(Report)} has written.
   *
   * @throws tools.jackson.core.JacksonException when it is not such a document
   */
  public static Report read(String json) {
    return JsonMapper.shared().readValue(json, Report.class);
  }

  /**
   * Reads what {@link #of(Rounds)} has written.
   *
   * @throws tools.jackson.core.JacksonException when it is not such a document
   */
  public static ComparisonReport readRounds(String json) {
    return JsonMapper.shared().readValue(json, ComparisonReport.class);
  }
}
