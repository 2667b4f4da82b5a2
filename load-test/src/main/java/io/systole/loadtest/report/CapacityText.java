// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report;

import io.systole.loadtest.report.Capacity.Trial;
import java.util.Locale;

/** A search for the highest rate, for people. */
public final class CapacityText {
  private CapacityText() {}

  /** Returns the conditions and a table of all trials. */
  public static String of(Capacity capacity) {
    var at = capacity.conditions();
    var text = new StringBuilder();
    line(text, "capacity of %s: %s", at.target(), capacity.objective());
    line(
        text,
        "  %,d instances in %,d applications, %d connections x %d in flight, %d loop(s)",
        at.instances(),
        at.applications(),
        at.connections(),
        at.inFlight(),
        at.loops());
    line(
        text,
        "  JDK %s, %s, %s, %d cores, started %s",
        at.jdk(),
        at.transport(),
        at.os(),
        at.cores(),
        at.startedAt());
    line(
        text,
        "%12s %10s %9s %9s %9s %8s %8s %8s  %s",
        "rate/s",
        "stage",
        "p50 ms",
        "p99 ms",
        "p99.9 ms",
        "errors",
        "cores",
        "lag ms",
        "outcome");
    capacity.trials().forEach(trial -> line(text, "%s", row(trial)));
    if (capacity.comparison() != null) {
      line(text, "%s", ReportText.comparison(capacity.comparison()));
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
        trial.why().isEmpty() ? "" : ": " + trial.why());
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append(System.lineSeparator());
  }
}
