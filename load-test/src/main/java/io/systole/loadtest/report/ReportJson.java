// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report;

import tools.jackson.databind.json.JsonMapper;

/** The JSON form of reports. */
public final class ReportJson {
  private ReportJson() {}

  /** Returns the report as an indented document that ends with a newline. */
  public static String of(Report report) {
    return write(report);
  }

  /** Returns the search as an indented document that ends with a newline. */
  public static String of(Capacity capacity) {
    return write(capacity);
  }

  /** Returns the comparison as an indented document that ends with a newline. */
  public static String of(ComparisonReport rounds) {
    return write(rounds);
  }

  /** Returns a record as an indented document that ends with a newline. */
  public static String write(Object outcome) {
    return JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(outcome) + "\n";
  }

  /**
   * Reads the result of {@link #of(Report)}.
   *
   * @throws tools.jackson.core.JacksonException if it is not such a document
   */
  public static Report read(String json) {
    return JsonMapper.shared().readValue(json, Report.class);
  }

  /**
   * Reads the result of {@link #of(ComparisonReport)}.
   *
   * @throws tools.jackson.core.JacksonException if it is not such a document
   */
  public static ComparisonReport readRounds(String json) {
    return JsonMapper.shared().readValue(json, ComparisonReport.class);
  }
}
