// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report.html;

import java.util.List;
import java.util.Locale;

/** A plot: its title, explanation and columns. */
@SuppressWarnings("ImmutableEnumChecker") // List.of is immutable.
enum Plot {
  THROUGHPUT(
      "Throughput",
      "Heartbeats per second: due, answered, answered with another status than 200, and failed.",
      "answered"),
  LATENCY(
      "Latency over time",
      "Milliseconds from the due time of a heartbeat to its response, on a logarithmic scale.",
      "p99"),
  PERCENTILES(
      "Latency by percentile",
      "Latency percentiles of all heartbeats due in the window, spaced by rarity: 99 % is one in a"
          + " hundred, 99.9 % one in a thousand.",
      "percentileMs"),
  WAITING(
      "Outstanding heartbeats",
      "Heartbeats due and without a response. The number grows while the target stalls.",
      "waiting"),
  CPU("CPU", "Cores used by the target and by the load generator.", "ownCores", "targetCores"),
  MEMORY(
      "Target memory",
      "Heap in use as published by the target, and its resident memory.",
      "heapMib",
      "residentMib"),
  REGISTRATIONS(
      "Registrations",
      "Registrations accepted per second: the whole fleet at the start, repetitions later.",
      "registered"),
  LAG(
      "Generator lag",
      "Maximum lag of the load generator itself, milliseconds. The target does not cause it.",
      "lag");

  private final String title;
  private final String explanation;
  private final List<String> columns;

  Plot(String title, String explanation, String... columns) {
    this.title = title;
    this.explanation = explanation;
    this.columns = List.of(columns);
  }

  /**
   * Appends the figure in which the script draws the plot; nothing if no report has its columns.
   */
  void appendTo(HtmlBuilder page, PlotData data) {
    if (columns.stream().noneMatch(data::hasColumn)) {
      return;
    }
    String key = name().toLowerCase(Locale.ROOT);
    page.markup("<figure data-plot=\"" + key + "\" aria-labelledby=\"" + key + "-title\">\n");
    page.markup("<figcaption><h3 id=\"" + key + "-title\">").text(title).markup("</h3>");
    page.element("p", explanation).markup("</figcaption>\n");
    page.markup("<div class=\"plot\" role=\"img\" aria-label=\"").text(title);
    page.markup("; see the tables for the figures\"></div>\n</figure>\n");
  }
}
