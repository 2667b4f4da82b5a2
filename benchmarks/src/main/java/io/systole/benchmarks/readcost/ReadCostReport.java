// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readcost;

import io.systole.benchmarks.servers.FigureRange;
import io.systole.benchmarks.servers.ServerUnderTest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The figures of all runs by data set and server, and their tables. */
final class ReadCostReport {
  /**
   * The figures of one server at one size, as in the JSON file.
   *
   * @param figures by name, in the order of measurement
   */
  record ReportEntry(
      String candidate, int instances, int applications, Map<String, List<Double>> figures) {}

  private final List<ServerUnderTest> servers;
  private final Map<DataSet, Map<ServerUnderTest, ReadFigures>> byDataSet = new LinkedHashMap<>();

  /**
   * Creates an empty report.
   *
   * @param servers in the order of columns; the others are compared with the first
   */
  ReadCostReport(List<ServerUnderTest> servers) {
    this.servers = servers;
  }

  void add(DataSet dataSet, ServerUnderTest candidate, ReadFigures figures) {
    byDataSet
        .computeIfAbsent(dataSet, any -> new LinkedHashMap<>())
        .computeIfAbsent(candidate, any -> new ReadFigures())
        .addAll(figures);
  }

  List<ReportEntry> entries() {
    List<ReportEntry> entries = new ArrayList<>();
    byDataSet.forEach(
        (dataSet, byServer) -> byServer.forEach((candidate, figures) -> entries.add(new ReportEntry(
            candidate.label(), dataSet.instances(), dataSet.applications(), figures.byName()))));
    return entries;
  }

  /** Returns a Markdown table per data set: median, and minimum and maximum in brackets. */
  String markdown() {
    StringBuilder text = new StringBuilder();
    byDataSet.forEach((dataSet, byServer) -> append(text, dataSet, byServer));
    return text.toString();
  }

  private void append(
      StringBuilder text, DataSet dataSet, Map<ServerUnderTest, ReadFigures> byServer) {
    text.append(String.format(
        Locale.ROOT,
        "%n%,d instances in %,d applications%n%n| figure |",
        dataSet.instances(),
        dataSet.applications()));
    StringBuilder rule = new StringBuilder("|---|");
    List<ServerUnderTest> present =
        servers.stream().filter(byServer::containsKey).toList();
    Set<String> names = new LinkedHashSet<>();
    for (ServerUnderTest candidate : present) {
      text.append(' ').append(candidate.label()).append(" |");
      rule.append("---|");
      names.addAll(figures(byServer, candidate).byName().keySet());
    }
    for (ServerUnderTest candidate : present.subList(1, present.size())) {
      text.append(String.format(" %s ÷ %s |", candidate.label(), present.get(0).label()));
      rule.append("---|");
    }
    text.append('\n').append(rule).append('\n');
    for (String name : names) {
      appendRow(text, name, present, byServer);
    }
  }

  private static void appendRow(
      StringBuilder text,
      String name,
      List<ServerUnderTest> present,
      Map<ServerUnderTest, ReadFigures> byServer) {
    text.append("| ").append(name).append(" |");
    for (ServerUnderTest candidate : present) {
      List<Double> figures = figures(byServer, candidate).of(name);
      text.append(figures.isEmpty() ? " – |" : " " + FigureRange.of(figures) + " |");
    }
    List<Double> base = figures(byServer, present.get(0)).of(name);
    for (ServerUnderTest candidate : present.subList(1, present.size())) {
      List<Double> figures = figures(byServer, candidate).of(name);
      text.append(figures.isEmpty() || base.isEmpty() ? " – |" : ratio(figures, base));
    }
    text.append('\n');
  }

  /** Returns the ratio of the medians: unlike rounds, the blocks of two servers are not paired. */
  private static String ratio(List<Double> figures, List<Double> base) {
    double ratio = FigureRange.of(figures).median() / FigureRange.of(base).median();
    return Double.isFinite(ratio) ? String.format(Locale.ROOT, " %.2f |", ratio) : " – |";
  }

  private static ReadFigures figures(
      Map<ServerUnderTest, ReadFigures> byServer, ServerUnderTest candidate) {
    return byServer.getOrDefault(candidate, new ReadFigures());
  }

  /** Figures by name, in insertion order. Names end with their unit. */
  static final class ReadFigures {
    private final Map<String, List<Double>> byName = new LinkedHashMap<>();

    void add(String name, double figure) {
      byName.computeIfAbsent(name, any -> new ArrayList<>()).add(figure);
    }

    /** Adds all figures of another round. */
    void addAll(ReadFigures others) {
      others.byName.forEach((name, figures) -> figures.forEach(figure -> add(name, figure)));
    }

    /** Returns the figures under {@code name}; empty if there are none. */
    List<Double> of(String name) {
      return byName.getOrDefault(name, List.of());
    }

    Map<String, List<Double>> byName() {
      return Collections.unmodifiableMap(byName);
    }
  }
}
