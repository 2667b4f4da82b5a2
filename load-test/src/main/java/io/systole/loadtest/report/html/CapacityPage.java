// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report.html;

import io.systole.loadtest.report.Capacity;
import io.systole.loadtest.report.Capacity.Trial;
import io.systole.loadtest.report.Report.ReportConditions;
import io.systole.loadtest.report.RunOutcome.Status;
import java.util.List;

/** A capacity search as a self-contained HTML page. */
public final class CapacityPage {
  private static final List<String> HEAD = List.of(
      "Rate", "Stage", "p50", "p99", "p99.9", "Errors", "Cores", "Generator lag", "Outcome");

  private CapacityPage() {}

  /** Returns an HTML document with the outcome, every trial and the conditions. */
  public static String of(Capacity capacity) {
    ReportConditions conditions = capacity.conditions();
    String title = "capacity " + conditions.target();
    HtmlBuilder page = new HtmlBuilder();
    page.markup("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n");
    page.element("title", title).markup("<style>").markup(HtmlPage.resource("page.css"));
    page.markup("</style>\n<main>\n<header>\n<p class=\"tool\">Systole load test</p>\n");
    page.element("h1", title);
    SummarySection.banner(
        page, capacity.passed() ? Status.PASSED : Status.FAILED, capacity.outcome());
    page.element("p", "Objective: " + capacity.objective());
    page.markup("</header>\n<section>\n");
    page.table(
        "figures",
        "Trials in order",
        HEAD,
        capacity.trials().stream().map(CapacityPage::row).toList());
    page.markup("</section>\n<section>\n");
    SummarySection.conditions(page, conditions);
    return page.markup("</section>\n</main>\n</html>\n").toString();
  }

  private static List<String> row(Trial trial) {
    var window = trial.window();
    Double cores = trial.targetCores();
    return List.of(
        FigureUnit.PER_SEC.of(trial.perSec()),
        trial.stage(),
        FigureUnit.MS.of(window.fromDue().p50Ms()),
        FigureUnit.MS.of(window.fromDue().p99Ms()),
        FigureUnit.MS.of(window.fromDue().p999Ms()),
        FigureUnit.COUNT.of((double) (window.due() - window.renewals())),
        cores == null ? "unknown" : FigureUnit.CORES.of(cores),
        FigureUnit.MS.of(trial.generator().lagP99Ms()),
        trial.reason().isEmpty() ? trial.outcome() : trial.outcome() + ": " + trial.reason());
  }
}
