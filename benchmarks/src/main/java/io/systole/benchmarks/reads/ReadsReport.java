// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.reads;

import io.systole.benchmarks.live.Contender;
import io.systole.benchmarks.live.Spread;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What was found, by population and contender, and how it is told. */
final class ReadsReport {
  /**
   * One contender's figures at one size, as the JSON file holds them.
   *
   * @param figures by name, all of them, in the order of measuring
   */
  record Entry(
      String contender, int instances, int applications, Map<String, List<Double>> figures) {}

  private final List<Contender> contenders;
  private final Map<Population, Map<Contender, Figures>> found = new LinkedHashMap<>();

  /**
   * An empty report.
   *
   * @param contenders in the order of columns; the others are compared with the first
   */
  ReadsReport(List<Contender> contenders) {
    this.contenders = contenders;
  }

  void add(Population population, Contender contender, Figures figures) {
    found
        .computeIfAbsent(population, any -> new LinkedHashMap<>())
        .computeIfAbsent(contender, any -> new Figures())
        .addAll(figures);
  }

  List<Entry> entries() {
    List<Entry> entries = new ArrayList<>();
    found.forEach((population, byContender) ->
        byContender.forEach((contender, figures) -> entries.add(new Entry(
            contender.label(),
            population.instances(),
            population.applications(),
            figures.byName()))));
    return entries;
  }

  /** A table in Markdown for each population: median, and in brackets least and greatest. */
  String markdown() {
    StringBuilder text = new StringBuilder();
    found.forEach((population, byContender) -> append(text, population, byContender));
    return text.toString();
  }

  private void append(
      StringBuilder text, Population population, Map<Contender, Figures> byContender) {
    text.append(String.format(
        Locale.ROOT,
        "%n%,d instances in %,d applications%n%n| figure |",
        population.instances(),
        population.applications()));
    StringBuilder rule = new StringBuilder("|---|");
    List<Contender> present =
        contenders.stream().filter(byContender::containsKey).toList();
    Set<String> names = new LinkedHashSet<>();
    for (Contender contender : present) {
      text.append(' ').append(contender.label()).append(" |");
      rule.append("---|");
      names.addAll(figures(byContender, contender).byName().keySet());
    }
    for (Contender contender : present.subList(1, present.size())) {
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
      List<Contender> present,
      Map<Contender, Figures> byContender) {
    text.append("| ").append(name).append(" |");
    for (Contender contender : present) {
      List<Double> figures = figures(byContender, contender).of(name);
      text.append(figures.isEmpty() ? " – |" : " " + Spread.of(figures) + " |");
    }
    List<Double> base = figures(byContender, present.get(0)).of(name);
    for (Contender contender : present.subList(1, present.size())) {
      List<Double> figures = figures(byContender, contender).of(name);
      text.append(figures.isEmpty() || base.isEmpty() ? " – |" : ratio(figures, base));
    }
    text.append('\n');
  }

  /** Of the medians: unlike rounds, the blocks of two servers are no pairs. */
  private static String ratio(List<Double> figures, List<Double> base) {
    double ratio = Spread.of(figures).median() / Spread.of(base).median();
    return Double.isFinite(ratio) ? String.format(Locale.ROOT, " %.2f |", ratio) : " – |";
  }

  private static Figures figures(Map<Contender, Figures> byContender, Contender contender) {
    return byContender.getOrDefault(contender, new Figures());
  }
}
