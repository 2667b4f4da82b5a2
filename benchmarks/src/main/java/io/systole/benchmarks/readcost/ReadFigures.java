// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readcost;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Figures by name, in insertion order. Names end with their unit. */
final class ReadFigures {
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
