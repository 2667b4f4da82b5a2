// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readcost;

import io.systole.benchmarks.servers.FigureRange;
import io.systole.benchmarks.servers.ServerUnderTest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What was found, by population and contender, and how it is told. */
final class ReadCostReport {
  /**
   * One contender's figures at one size, as the JSON file holds them.
   *
   * @param figures by name, all of them, in the order of measuring
   */
  record ReportEntry(
      String contender, int instances, int applications, Map<String, List<Double>> figures) {}

  private final List<ServerUnderTest> contenders;
  private final Map<DataSet, Map<ServerUnderTest, ReadFigures>> found = new LinkedHashMap<>();

  /**
   * An empty report.
   *
   * @param contenders in the order of columns; the others are compared with the first
   */
  ReadCostReport(List<ServerUnderTest> contenders) {
    this.contenders = contenders;
  }

  void add(DataSet dataSet, ServerUnderTest contender, ReadFigures figures) {
    found
        .computeIfAbsent(dataSet, any -> new LinkedHashMap<>())
        .computeIfAbsent(contender, any -> new ReadFigures())
        .addAll(figures);
  }

  List<ReportEntry> entries() {
    List<ReportEntry> entries = new ArrayList<>();
    found.forEach((dataSet, byContender) ->
        byContender.forEach((contender, figures) -> entries.add(new ReportEntry(
            contender.label(), dataSet.instances(), dataSet.applications(), figures.byName()))));
    return entries;
  }

  /** A table in Markdown for each population: median, and in brackets least and greatest. */
  String markdown() {
    StringBuilder text = new StringBuilder();
    found.forEach((dataSet, byContender) -> append(text, dataSet, byContender));
    return text.toString();
  }

  private void append(
      StringBuilder text, DataSet dataSet, Map<ServerUnderTest, ReadFigures> byContender) {
    text.append(String.format(
        Locale.ROOT,
        "%n%,d instances in %,d applications%n%n| figure |",
        dataSet.instances(),
        dataSet.applications()));
    StringBuilder rule = new StringBuilder("|---|");
    List<ServerUnderTest> present =
        contenders.stream().filter(byContender::containsKey).toList();
    Set<String> names = new LinkedHashSet<>();
    for (ServerUnderTest contender : present) {
      text.append(' ').append(contender.label()).append(" |");
      rule.append("---|");
      names.addAll(figures(byContender, contender).byName().keySet());
    }
    for (ServerUnderTest contender : present.subList(1, present.size())) {
      text.append(String.format(" %s ÷ %s |", contender.label(), present.get(0).label()));
      rule.append("---|");
    }
    text.append('\n').append(rule).append('\n');
    for (String name : names) {
      appendRow(text, name, present, byContender);
    }
  }

  private static void appendRow(
      StringBuilder text,
      String name,
      List<ServerUnderTest> present,
      Map<ServerUnderTest, ReadFigures> byContender) {
    text.append("| ").append(name).append(" |");
    for (ServerUnderTest contender : present) {
      List<Double> figures = figures(byContender, contender).of(name);
      text.append(figures.isEmpty() ? " – |" : " " + FigureRange.of(figures) + " |");
    }
    List<Double> base = figures(byContender, present.get(0)).of(name);
    for (ServerUnderTest contender : present.subList(1, present.size())) {
      List<Double> figures = figures(byContender, contender).of(name);
      text.append(figures.isEmpty() || base.isEmpty() ? " – |" : ratio(figures, base));
    }
    text.append('\n');
  }

  /** Of the medians: unlike rounds, the blocks of two servers are no pairs. */
  private static String ratio(List<Double> figures, List<Double> base) {
    double ratio = FigureRange.of(figures).median() / FigureRange.of(base).median();
    return Double.isFinite(ratio) ? String.format(Locale.ROOT, " %.2f |", ratio) : " – |";
  }

  private static ReadFigures figures(
      Map<ServerUnderTest, ReadFigures> byContender, ServerUnderTest contender) {
    return byContender.getOrDefault(contender, new ReadFigures());
  }
}
