// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report.html;

import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.Report.ReportConditions;
import io.systole.loadtest.report.ReportText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/** What was done, under which conditions, and what came of it, in words. */
final class SummarySection {
  private static final int EVENTS_MAX = 200;

  private SummarySection() {}

  static String title(List<Series> allSeries) {
    return switch (allSeries.size()) {
      case 1 -> allSeries.get(0).name();
      case 2 -> allSeries.get(0).name() + " against " + allSeries.get(1).name();
      default -> allSeries.size() + " runs side by side";
    };
  }

  /** Appends the verdict over all, and each round's own where there are several. */
  static void outcome(HtmlBuilder page, List<Series> allSeries) {
    RunStatus worst = RunStatus.worst(allSeries);
    List<Report> reports =
        allSeries.stream().flatMap(series -> series.rounds().stream()).toList();
    page.markup("<div class=\"verdict " + worst.cssClass() + "\"><strong>");
    page.text(worst.word()).markup("</strong> <span>");
    if (reports.size() == 1) {
      page.text(RunStatus.reason(reports.get(0)));
    } else {
      long good =
          reports.stream().filter(r -> RunStatus.of(r) == RunStatus.PASSED).count();
      page.text(good + " of " + reports.size() + " passed");
    }
    page.markup("</span></div>\n");
    if (reports.size() == 1 && RunStatus.of(reports.get(0)) != RunStatus.INVALID) {
      // What bounds the figures of a run that is valid all the same.
      String bound = reports.get(0).generator().why();
      page.markup(bound.isEmpty() ? "" : "<p class=\"note\">Of the load generator: ")
          .text(bound);
      page.markup(bound.isEmpty() ? "" : "</p>\n");
    }
    if (worst != RunStatus.PASSED && reports.size() > 1) {
      List<List<String>> rows = new ArrayList<>();
      eachRound(
          allSeries,
          (whose, report) ->
              rows.add(List.of(whose, RunStatus.of(report).word(), RunStatus.reason(report))));
      page.table("words", "Verdicts", List.of("Run", "Verdict", "Why"), rows);
    }
  }

  /** Appends what was done, a sentence for each side; once if it was the same for all. */
  static void deeds(HtmlBuilder page, List<Series> allSeries) {
    List<String> deeds = allSeries.stream().map(SummarySection::deed).toList();
    if (Set.copyOf(deeds).size() == 1) {
      page.markup("<p class=\"deed\">").text(deeds.get(0));
      page.text(allSeries.size() > 1 ? " The same for each of the " + allSeries.size() + "." : "");
      page.markup("</p>\n");
      return;
    }
    for (int i = 0; i < allSeries.size(); i++) {
      page.markup("<p class=\"deed\"><span class=\"key k" + i + "\"></span><b>");
      page.text(allSeries.get(i).name()).markup("</b>: ").text(deeds.get(i)).markup("</p>\n");
    }
  }

  private static String deed(Series series) {
    int rounds = series.rounds().size();
    return deed(series.rounds().get(0).conditions())
        + (rounds > 1 ? " So " + rounds + " times, in turn with the others." : "");
  }

  static String deed(ReportConditions at) {
    String fleet = String.format(
        Locale.ROOT, "%,d instances in %,d applications", at.instances(), at.applications());
    String time = ", for " + FigureUnit.SECS.of(at.durationSecs()) + " after a warm-up of "
        + FigureUnit.SECS.of(at.warmupSecs()) + ".";
    if (at.intervalSecs() > 0) {
      return fleet + " each sent a heartbeat every " + FigureUnit.SECS.of(at.intervalSecs()) + ", "
          + FigureUnit.PER_SEC.of(at.instances() / at.intervalSecs()) + " in all, to " + at.target()
          + " over " + connections(at) + ", whatever the target did" + time;
    }
    return "For " + fleet + ", " + connections(at) + " to " + at.target() + " always kept "
        + at.inFlight() + " heartbeats each under way, as many as the target would answer" + time;
  }

  private static String connections(ReportConditions at) {
    return at.connections() == 1
        ? "1 connection"
        : String.format(Locale.ROOT, "%,d connections", at.connections());
  }

  static void expectations(HtmlBuilder page, List<Series> allSeries) {
    List<List<String>> rows = new ArrayList<>();
    eachRound(
        allSeries,
        (whose, report) -> report
            .expectations()
            .forEach(expected -> rows.add(row(
                allSeries,
                whose,
                (expected.held() ? "\u2713 " : "\u2717 ") + expected.text(),
                expected.actual(),
                expected.held() ? "held" : "NOT held"))));
    if (!rows.isEmpty()) {
      page.table("words", "Expectations", head(allSeries, "Expected", "Measured", "Held"), rows);
    }
  }

  static void events(HtmlBuilder page, List<EventMarker> marks, List<Series> allSeries) {
    if (marks.isEmpty()) {
      return;
    }
    List<List<String>> rows = marks.stream()
        .limit(EVENTS_MAX)
        .map(mark -> row(
            allSeries,
            mark.whose(),
            Integer.toString(mark.number()),
            String.format(Locale.ROOT, "%.1f s", mark.atSecs()),
            mark.what()))
        .toList();
    String more = marks.size() > EVENTS_MAX ? ", the first " + EVENTS_MAX : "";
    page.table(
        "words",
        "Events" + more + "; seconds count from the start of the window",
        head(allSeries, "Mark", "At", "What"),
        rows);
  }

  /** Appends how the heartbeats ended; a line for each outcome, or for each round if several. */
  static void responses(HtmlBuilder page, List<Series> allSeries) {
    Map<String, Map<String, String>> rounds = new LinkedHashMap<>();
    eachRound(allSeries, (whose, report) -> rounds.put(whose, responses(report)));
    Set<String> outcomes = new LinkedHashSet<>();
    rounds.values().forEach(round -> outcomes.addAll(round.keySet()));
    String caption = "What became of the heartbeats due in the window";
    List<List<String>> rows = new ArrayList<>();
    if (isAlone(allSeries)) {
      rounds
          .values()
          .forEach(round -> round.forEach((outcome, count) -> rows.add(List.of(outcome, count))));
      page.table("words", caption, List.of("Outcome", "Heartbeats"), rows);
      return;
    }
    rounds.forEach((whose, round) -> rows.add(Stream.concat(
            Stream.of(whose), outcomes.stream().map(outcome -> round.getOrDefault(outcome, "0")))
        .toList()));
    page.table(
        "words", caption, Stream.concat(Stream.of("Run"), outcomes.stream()).toList(), rows);
  }

  private static Map<String, String> responses(Report report) {
    var window = report.window();
    Map<String, String> outcomes = new LinkedHashMap<>();
    outcomes.put("due", count(window.due()));
    window
        .statuses()
        .forEach((status, number) -> outcomes.put("answered " + status, count(number)));
    new TreeMap<>(window.failures())
        .forEach((kind, number) -> outcomes.put("failed, " + kind, count(number)));
    outcomes.put("unanswered", count(window.unanswered()));
    if (report.comparison() != null) {
      outcomes.put("by the target\u2019s count", ReportText.comparison(report.comparison()));
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

  static void conditions(HtmlBuilder page, ReportConditions at) {
    List<List<String>> rows = new ArrayList<>();
    CONDITIONS.forEach((label, of) -> rows.add(List.of(label, of.apply(at))));
    page.table("words", "Conditions", List.of("Condition", "Value"), rows);
  }

  private static final Map<String, Function<ReportConditions, String>> CONDITIONS = conditions();

  private static Map<String, Function<ReportConditions, String>> conditions() {
    Map<String, Function<ReportConditions, String>> rows = new LinkedHashMap<>();
    rows.put("Target", ReportConditions::target);
    rows.put("Mode", ReportConditions::mode);
    rows.put("Instances", at -> count(at.instances()));
    rows.put("Applications", at -> count(at.applications()));
    rows.put(
        "Interval", at -> at.intervalSecs() > 0 ? FigureUnit.SECS.of(at.intervalSecs()) : "none");
    rows.put("Connections", at -> count(at.connections()));
    rows.put("In flight on each, at most", at -> count(at.inFlight()));
    rows.put("Traffic", ReportConditions::traffic);
    rows.put("Warm-up", at -> FigureUnit.SECS.of(at.warmupSecs()));
    rows.put("Window", at -> FigureUnit.SECS.of(at.durationSecs()));
    rows.put("Started", ReportConditions::startedAt);
    rows.put("Generator", at -> "Systole load test " + at.version());
    rows.put("Generator\u2019s event loops", at -> count(at.loops()));
    rows.put("Generator\u2019s transport", ReportConditions::transport);
    rows.put("Generator\u2019s Java", ReportConditions::jdk);
    rows.put("Generator\u2019s system", ReportConditions::os);
    rows.put("Cores of that system", at -> count(at.cores()));
    return rows;
  }

  private static String count(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  /** Whose it is stands in front only where there are several. */
  private static List<String> row(List<Series> allSeries, String whose, String... cells) {
    return isAlone(allSeries)
        ? List.of(cells)
        : Stream.concat(Stream.of(whose), Stream.of(cells)).toList();
  }

  private static List<String> head(List<Series> allSeries, String... cells) {
    return row(allSeries, "Run", cells);
  }

  static boolean isAlone(List<Series> allSeries) {
    return allSeries.size() == 1 && allSeries.get(0).rounds().size() == 1;
  }

  /** Takes a round with its name. */
  interface RoundVisitor {
    void visit(String whose, Report report);
  }

  static void eachRound(List<Series> allSeries, RoundVisitor visitor) {
    for (Series series : allSeries) {
      for (int i = 0; i < series.rounds().size(); i++) {
        String round = series.rounds().size() > 1 ? ", round " + (i + 1) : "";
        visitor.visit(series.name() + round, series.rounds().get(i));
      }
    }
  }
}
