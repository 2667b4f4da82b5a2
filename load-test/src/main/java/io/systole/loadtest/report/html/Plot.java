// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report.html;

import java.util.List;
import java.util.Locale;

/** A plot: what stands over it, what tells how to read it, and the columns it draws. */
@SuppressWarnings("ImmutableEnumChecker") // List.of gives lists that nobody changes.
enum Plot {
  THROUGHPUT(
      "Throughput",
      "Heartbeats per second: how many came due, how many were answered, and how many of those"
          + " were not answered 200 or failed for good.",
      "answered"),
  LATENCY(
      "Latency over time",
      "Milliseconds from when a heartbeat was due to its answer, on a logarithmic scale: each step"
          + " up is ten times as slow.",
      "p99"),
  PERCENTILES(
      "Latency by percentile",
      "How slow the slowest were, of all heartbeats due in the window. To the right they become"
          + " rarer: 99 % is one in a hundred, 99.9 % one in a thousand.",
      "percentileMs"),
  WAITING(
      "Due and not answered yet",
      "Heartbeats that waited at that moment. It grows while the target stands still.",
      "waiting"),
  CPU(
      "CPU",
      "Cores kept busy, by the target and by the load generator.",
      "ownCores",
      "targetCores"),
  MEMORY(
      "Memory of the target",
      "Heap in use as it publishes it, and what its system counts as resident.",
      "heapMib",
      "residentMib"),
  REGISTRATIONS(
      "Registrations",
      "Instances accepted per second: the whole fleet at first, some anew later.",
      "registered"),
  LAG(
      "How late the generator was",
      "Milliseconds by which the load generator itself was late at worst. What is late here is not"
          + " the target\u2019s fault.",
      "lag");

  private final String title;
  private final String explanation;
  private final List<String> columns;

  Plot(String title, String explanation, String... columns) {
    this.title = title;
    this.explanation = explanation;
    this.columns = List.of(columns);
  }

  /** Appends the place where the script draws it; nothing when no report has anything to draw. */
  void place(HtmlBuilder page, PlotData data) {
    if (columns.stream().noneMatch(data::knows)) {
      return;
    }
    String key = name().toLowerCase(Locale.ROOT);
    page.markup("<figure data-plot=\"" + key + "\" aria-labelledby=\"" + key + "-title\">\n");
    page.markup("<figcaption><h3 id=\"" + key + "-title\">").text(title).markup("</h3>");
    page.element("p", explanation).markup("</figcaption>\n");
    page.markup("<div class=\"plot\" role=\"img\" aria-label=\"").text(title);
    page.markup(", drawn; the figures are in the tables\"></div>\n</figure>\n");
  }
}
