// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report.html;

import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.Report.ReportConditions;
import io.systole.loadtest.report.ReportText;
import io.systole.loadtest.report.RunOutcome;
import io.systole.loadtest.report.RunOutcome.Status;
import io.systole.loadtest.report.TextLines;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/** The textual sections of a page: outcome, load, expectations, events and conditions. */
final class SummarySection {
  private static final int EVENTS_MAX = 200;

  private SummarySection() {}

  static String title(List<Series> allSeries) {
    return switch (allSeries.size()) {
      case 1 -> allSeries.get(0).name();
      case 2 -> allSeries.get(0).name() + " and " + allSeries.get(1).name();
      default -> allSeries.size() + " runs compared";
    };
  }

  /** Appends the overall outcome, and that of each round if there are several. */
  static void outcome(HtmlBuilder page, List<Series> allSeries) {
    List<Report> reports =
        allSeries.stream().flatMap(series -> series.rounds().stream()).toList();
    if (reports.size() == 1) {
      RunOutcome outcome = RunOutcome.of(reports.get(0));
      banner(page, outcome.status(), outcome.reason());
      String limit = reports.get(0).generator().reason();
      if (outcome.status() != Status.INVALID && !limit.isEmpty()) {
        page.markup("<p class=\"note\">Load generator: ").text(limit).markup("</p>\n");
      }
      return;
    }
    List<Status> statuses =
        reports.stream().map(report -> RunOutcome.of(report).status()).toList();
    Status worst = statuses.stream().max(Comparator.naturalOrder()).orElseThrow();
    long passed = statuses.stream().filter(status -> status == Status.PASSED).count();
    banner(page, worst, passed + " of " + reports.size() + " passed");
    if (worst != Status.PASSED) {
      List<List<String>> rows = new ArrayList<>();
      Series.forEachRound(allSeries, (run, report) -> {
        RunOutcome outcome = RunOutcome.of(report);
        rows.add(List.of(run, word(outcome.status()), outcome.reason()));
      });
      page.table("words", "Outcomes", List.of("Run", "Outcome", "Reason"), rows);
    }
  }

  /** Appends a status with its reason as a banner. */
  static void banner(HtmlBuilder page, Status status, String reason) {
    page.markup("<div class=\"outcome " + status.name().toLowerCase(Locale.ROOT) + "\"><strong>");
    page.text(word(status)).markup("</strong> <span>").text(reason).markup("</span></div>\n");
  }

  private static String word(Status status) {
    return switch (status) {
      case PASSED -> "Passed";
      case FAILED -> "Failed";
      case INVALID -> "Invalid";
    };
  }

  /** Appends a sentence about the load of each series; only once if they are equal. */
  static void descriptions(HtmlBuilder page, List<Series> allSeries) {
    List<String> descriptions =
        allSeries.stream().map(SummarySection::description).toList();
    if (Set.copyOf(descriptions).size() == 1) {
      page.markup("<p class=\"load\">").text(descriptions.get(0));
      page.text(allSeries.size() > 1 ? " The same for all " + allSeries.size() + "." : "");
      page.markup("</p>\n");
      return;
    }
    for (int i = 0; i < allSeries.size(); i++) {
      page.markup("<p class=\"load\"><span class=\"key k" + i + "\"></span><b>");
      page.text(allSeries.get(i).name())
          .markup("</b>: ")
          .text(descriptions.get(i))
          .markup("</p>\n");
    }
  }

  private static String description(Series series) {
    int rounds = series.rounds().size();
    return description(series.rounds().get(0).conditions())
        + (rounds > 1 ? " " + rounds + " rounds, alternating with the others." : "");
  }

  static String description(ReportConditions conditions) {
    String fleet = TextLines.count(conditions.instances(), "instance") + " in "
        + TextLines.count(conditions.applications(), "application");
    String time = ", for " + FigureUnit.SECS.of(conditions.durationSecs()) + " after a warm-up of "
        + FigureUnit.SECS.of(conditions.warmupSecs()) + ".";
    if (conditions.intervalSecs() > 0) {
      return fleet + " each sent a heartbeat every " + FigureUnit.SECS.of(conditions.intervalSecs())
          + ", "
          + FigureUnit.PER_SEC.of(conditions.instances() / conditions.intervalSecs())
          + " in all, to " + conditions.target()
          + " over " + connections(conditions) + " (open model)" + time;
    }
    return fleet + " sent heartbeats to " + conditions.target() + " over "
        + connections(conditions) + ", with " + conditions.inFlight()
        + " always in flight on each (closed loop)" + time;
  }

  private static String connections(ReportConditions conditions) {
    return TextLines.count(conditions.connections(), "connection");
  }

  static void expectations(HtmlBuilder page, List<Series> allSeries) {
    List<List<String>> rows = new ArrayList<>();
    Series.forEachRound(
        allSeries,
        (run, report) -> report
            .expectations()
            .forEach(expected -> rows.add(row(
                allSeries,
                run,
                (expected.held() ? "\u2713 " : "\u2717 ") + expected.text(),
                expected.actual(),
                expected.held() ? "held" : "NOT held"))));
    if (!rows.isEmpty()) {
      page.table("words", "Expectations", head(allSeries, "Expected", "Measured", "Held"), rows);
    }
  }

  static void events(HtmlBuilder page, List<PlotData.EventMarker> markers, List<Series> allSeries) {
    if (markers.isEmpty()) {
      return;
    }
    List<List<String>> rows = markers.stream()
        .limit(EVENTS_MAX)
        .map(marker -> row(
            allSeries,
            marker.run(),
            Integer.toString(marker.number()),
            String.format(Locale.ROOT, "%.1f s", marker.atSecs()),
            marker.text()))
        .toList();
    String more = markers.size() > EVENTS_MAX ? ", the first " + EVENTS_MAX : "";
    page.table(
        "words",
        "Events" + more + "; seconds count from the start of the window",
        head(allSeries, "Marker", "At", "Event"),
        rows);
  }

  /**
   * Appends the outcomes of the heartbeats: a row per outcome, or per round if there are several.
   */
  static void responses(HtmlBuilder page, List<Series> allSeries) {
    Map<String, Map<String, String>> rounds = new LinkedHashMap<>();
    Series.forEachRound(allSeries, (run, report) -> rounds.put(run, responses(report)));
    Set<String> outcomes = new LinkedHashSet<>();
    rounds.values().forEach(round -> outcomes.addAll(round.keySet()));
    String caption = "Outcomes of the heartbeats due in the window";
    List<List<String>> rows = new ArrayList<>();
    if (isSingleRun(allSeries)) {
      rounds
          .values()
          .forEach(round -> round.forEach((outcome, count) -> rows.add(List.of(outcome, count))));
      page.table("words", caption, List.of("Outcome", "Heartbeats"), rows);
      return;
    }
    rounds.forEach((run, round) -> rows.add(Stream.concat(
            Stream.of(run), outcomes.stream().map(outcome -> round.getOrDefault(outcome, "0")))
        .toList()));
    page.table(
        "words", caption, Stream.concat(Stream.of("Run"), outcomes.stream()).toList(), rows);
  }

  private static Map<String, String> responses(Report report) {
    var window = report.window();
    Map<String, String> outcomes = new LinkedHashMap<>();
    outcomes.put("due", count(window.due()));
    window.statuses().forEach((status, number) -> outcomes.put("status " + status, count(number)));
    new TreeMap<>(window.failures())
        .forEach((kind, number) -> outcomes.put("failed, " + kind, count(number)));
    outcomes.put("unanswered", count(window.unanswered()));
    if (report.comparison() != null) {
      outcomes.put("target\u2019s renewal count", ReportText.comparison(report.comparison()));
    }
    return outcomes;
  }

  static void conditions(HtmlBuilder page, List<Series> allSeries) {
    List<String> head = Stream.concat(
            Stream.of("Condition"),
            allSeries.stream().map(series -> allSeries.size() == 1 ? "Value" : series.name()))
        .toList();
    List<List<String>> rows = new ArrayList<>();
    CONDITIONS.forEach((label, of) -> rows.add(Stream.concat(
            Stream.of(label),
            allSeries.stream().map(series -> of.apply(series.rounds().get(0).conditions())))
        .toList()));
    page.table("words", "Conditions", head, rows);
  }

  static void conditions(HtmlBuilder page, ReportConditions conditions) {
    List<List<String>> rows = new ArrayList<>();
    CONDITIONS.forEach((label, of) -> rows.add(List.of(label, of.apply(conditions))));
    page.table("words", "Conditions", List.of("Condition", "Value"), rows);
  }

  private static final Map<String, Function<ReportConditions, String>> CONDITIONS = conditions();

  private static Map<String, Function<ReportConditions, String>> conditions() {
    Map<String, Function<ReportConditions, String>> rows = new LinkedHashMap<>();
    rows.put("Target", ReportConditions::target);
    rows.put("Mode", ReportConditions::mode);
    rows.put("Instances", conditions -> count(conditions.instances()));
    rows.put("Applications", conditions -> count(conditions.applications()));
    rows.put(
        "Interval",
        conditions ->
            conditions.intervalSecs() > 0 ? FigureUnit.SECS.of(conditions.intervalSecs()) : "none");
    rows.put("Connections", conditions -> count(conditions.connections()));
    rows.put("In flight per connection, maximum", conditions -> count(conditions.inFlight()));
    rows.put("Traffic", ReportConditions::traffic);
    rows.put("Warm-up", conditions -> FigureUnit.SECS.of(conditions.warmupSecs()));
    rows.put("Window", conditions -> FigureUnit.SECS.of(conditions.durationSecs()));
    rows.put("Started", ReportConditions::startedAt);
    rows.put("Generator", conditions -> "Systole load test " + conditions.version());
    rows.put("Generator event loops", conditions -> count(conditions.loops()));
    rows.put("Generator transport", ReportConditions::transport);
    rows.put("Generator Java", ReportConditions::jdk);
    rows.put("Generator system", ReportConditions::os);
    rows.put("Generator cores", conditions -> count(conditions.cores()));
    return rows;
  }

  private static String count(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  /** Returns a row, preceded by the run's name if the report has more than one run. */
  private static List<String> row(List<Series> allSeries, String run, String... cells) {
    return isSingleRun(allSeries)
        ? List.of(cells)
        : Stream.concat(Stream.of(run), Stream.of(cells)).toList();
  }

  private static List<String> head(List<Series> allSeries, String... cells) {
    return row(allSeries, "Run", cells);
  }

  static boolean isSingleRun(List<Series> allSeries) {
    return allSeries.size() == 1 && allSeries.get(0).rounds().size() == 1;
  }
}
