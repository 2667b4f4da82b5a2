// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report;

import tools.jackson.databind.json.JsonMapper;

/** The report for machines, and for whoever looks at it later. */
public final class ReportJson {
  private ReportJson() {}

  /** Returns the report as an indented document with a line end. */
  public static String of(Report report) {
    return JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(report) + "\n";
  }

  /**
   * Reads what {@link #of} has written.
   *
   * @throws tools.jackson.core.JacksonException when it is not such a document
   */
  public static Report read(String json) {
    return JsonMapper.shared().readValue(json, Report.class);
  }
}
