// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report;

import io.systole.loadtest.report.Capacity.Trial;
import java.util.Locale;

/** The terminal form of a capacity search. */
public final class CapacityText {
  private CapacityText() {}

  /** Returns the conditions and a table of all trials. */
  public static String of(Capacity capacity) {
    var conditions = capacity.conditions();
    var text = new TextLines();
    text.add("capacity of %s: %s", conditions.target(), capacity.objective());
    text.addConditions(conditions, "");
    ReportText.addRefusals(text, capacity.registrations());
    text.add(
        "%12s %10s %9s %9s %9s %8s %8s %8s  %s",
        "rate/s", "stage", "p50 ms", "p99 ms", "p99.9 ms", "errors", "cores", "lag ms", "outcome");
    capacity.trials().forEach(trial -> text.add("%s", row(trial)));
    if (capacity.comparison() != null) {
      text.add("%s", ReportText.comparison(capacity.comparison()));
    }
    return text.toString();
  }

  private static String row(Trial trial) {
    var window = trial.window();
    return String.format(
        Locale.ROOT,
        "%,12.0f %10s %9.2f %9.2f %9.2f %,8d %8s %8.1f  %s%s",
        trial.perSec(),
        trial.stage(),
        window.fromDue().p50Ms(),
        window.fromDue().p99Ms(),
        window.fromDue().p999Ms(),
        window.due() - window.renewals(),
        trial.targetCores() == null ? "?" : String.format(Locale.ROOT, "%.2f", trial.targetCores()),
        trial.generator().lagP99Ms(),
        trial.outcome(),
        (trial.reason().isEmpty() ? "" : ": " + trial.reason())
            + (trial.reads() == null ? "" : "; reads " + ReportText.reads(trial.reads())));
  }
}
