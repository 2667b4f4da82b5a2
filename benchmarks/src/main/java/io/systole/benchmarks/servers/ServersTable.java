// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.servers;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What all rounds found, by requests in flight and server, and how it is told. */
final class ServersTable {
  private final List<ServerUnderTest> servers;

  /** By requests in flight, then by server: CPU microseconds per renewal, one a round. */
  private final Map<Integer, Map<ServerUnderTest, List<Double>>> cpuUs = new TreeMap<>();

  /**
   * An empty table.
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

  /** The table in Markdown: median, and in brackets least and greatest. */
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

  /** One ratio a round: what the machine did to one it did to the other. */
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
