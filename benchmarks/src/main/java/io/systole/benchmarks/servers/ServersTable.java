// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.servers;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The samples of all rounds by requests in flight and server, and their table. */
final class ServersTable {
  private final List<ServerUnderTest> servers;

  /** CPU time per renewal in µs, one figure a round, by requests in flight and server. */
  private final Map<Integer, Map<ServerUnderTest, List<Double>>> cpuUs = new TreeMap<>();

  /**
   * Creates an empty table.
   *
   * @param servers in the order of columns; the others are compared with the first
   */
  ServersTable(List<ServerUnderTest> servers) {
    this.servers = servers;
  }

  void add(int inFlight, ServerUnderTest server, double figureUs) {
    cpuUs
        .computeIfAbsent(inFlight, any -> new TreeMap<>())
        .computeIfAbsent(server, any -> new ArrayList<>())
        .add(figureUs);
  }

  /** Returns the table in Markdown: median, and minimum and maximum in brackets. */
  String markdown() {
    StringBuilder text = new StringBuilder("| in flight |");
    StringBuilder rule = new StringBuilder("|---|");
    for (ServerUnderTest server : servers) {
      text.append(' ').append(server.label()).append(", µs |");
      rule.append("---|");
    }
    for (ServerUnderTest server : others()) {
      text.append(' ')
          .append(server.label())
          .append(" ÷ ")
          .append(first().label())
          .append(" |");
      rule.append("---|");
    }
    text.append('\n').append(rule).append('\n');
    cpuUs.forEach((inFlight, byServer) -> appendRow(text, inFlight, byServer));
    return text.toString();
  }

  private void appendRow(
      StringBuilder text, int inFlight, Map<ServerUnderTest, List<Double>> byServer) {
    text.append("| ").append(inFlight).append(" |");
    for (ServerUnderTest server : servers) {
      text.append(' ')
          .append(FigureRange.of(byServer.getOrDefault(server, List.of())))
          .append(" |");
    }
    for (ServerUnderTest server : others()) {
      List<Double> ratios = ratios(
          byServer.getOrDefault(server, List.of()), byServer.getOrDefault(first(), List.of()));
      text.append(' ').append(FigureRange.of(ratios)).append(" |");
    }
    text.append('\n');
  }

  /**
   * Returns one ratio per round, since the state of the machine affects both servers of a round.
   */
  private static List<Double> ratios(List<Double> figures, List<Double> base) {
    List<Double> ratios = new ArrayList<>();
    for (int round = 0; round < base.size(); round++) {
      ratios.add(figures.get(round) / base.get(round));
    }
    return ratios;
  }

  private ServerUnderTest first() {
    return servers.get(0);
  }

  private List<ServerUnderTest> others() {
    return servers.subList(1, servers.size());
  }
}
