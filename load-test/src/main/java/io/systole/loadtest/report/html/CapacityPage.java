// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report.html;

import io.systole.loadtest.report.Capacity;
import io.systole.loadtest.report.Capacity.Trial;
import io.systole.loadtest.report.Report.Conditions;
import java.util.List;

/** A search for the highest rate as one file that needs no other. */
public final class CapacityPage {
  private static final List<String> HEAD = List.of(
      "Rate", "Stage", "p50", "p99", "p99.9", "Errors", "Cores", "Generator\u2019s lag", "Outcome");

  private CapacityPage() {}

  /** Returns an HTML document with the verdict, every trial and the conditions. */
  public static String of(Capacity capacity) {
    Conditions at = capacity.conditions();
    String title = "capacity " + at.target();
    Markup page = new Markup();
    page.markup("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n");
    page.element("title", title).markup("<style>").markup(Page.resource("page.css"));
    page.markup("</style>\n<main>\n<header>\n<p class=\"tool\">Systole load test</p>\n");
    page.element("h1", title);
    Outcome outcome = capacity.passed() ? Outcome.PASSED : Outcome.FAILED;
    page.markup("<div class=\"verdict " + outcome.cssClass() + "\"><strong>");
    page.text(outcome.word()).markup("</strong> <span>").text(capacity.verdict());
    page.markup("</span></div>\n").element("p", "Objective: " + capacity.objective());
    page.markup("</header>\n<section>\n");
    page.table(
        "figures",
        "Trials in order",
        HEAD,
        capacity.trials().stream().map(CapacityPage::row).toList());
    page.markup("</section>\n<section>\n");
    Story.conditions(page, at);
    return page.markup("</section>\n</main>\n</html>\n").toString();
  }

  private static List<String> row(Trial trial) {
    var window = trial.window();
    Double cores = trial.targetCores();
    return List.of(
        Unit.PER_SEC.of(trial.perSec()),
        trial.stage(),
        Unit.MS.of(window.fromDue().p50Ms()),
        Unit.MS.of(window.fromDue().p99Ms()),
        Unit.MS.of(window.fromDue().p999Ms()),
        Unit.COUNT.of((double) (window.due() - window.renewals())),
        cores == null ? "unknown" : Unit.CORES.of(cores),
        Unit.MS.of(trial.generator().lagP99Ms()),
        trial.why().isEmpty() ? trial.outcome() : trial.outcome() + ": " + trial.why());
  }
}
