// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.matrix;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import io.systole.benchmarks.matrix.GeneratorResult.Latency;
import io.systole.benchmarks.matrix.MatrixReport.Sample;
import io.systole.benchmarks.servers.FigureRange;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** The tables of a report, in Markdown. */
public final class MatrixTables {
  private static final String RESPONDER = MatrixServer.RESPONDER.label();
  private static final String CONSTANT = MatrixServer.CONSTANT.label();

  private final StringBuilder text = new StringBuilder();

  /** All rounds of a server under a load; servers and loads in the order of measurement. */
  private final Map<MatrixCell, Map<String, List<Sample>>> byCell;

  private MatrixTables(List<Sample> samples) {
    this.byCell = samples.stream()
        .collect(groupingBy(
            Sample::cell,
            LinkedHashMap::new,
            groupingBy(Sample::server, LinkedHashMap::new, toList())));
  }

  /** Returns the tables of the content of a {@code --json} file. */
  public static String markdown(JsonNode report) {
    return markdown(new ObjectMapper().treeToValue(report, MatrixReport.class));
  }

  static String markdown(MatrixReport report) {
    MatrixTables tables = new MatrixTables(report.samples());
    tables.addCpu(false, "in flight");
    tables.addCpu(true, "heartbeats/s due");
    tables.addLatencies();
    tables.add(
        "Event loops: %d; %d s a sample; responses other than 200, or missing: %d.%s",
        report.loops(),
        report.seconds(),
        report.bad(),
        report.leftOut().isEmpty()
            ? ""
            : " Not installed: " + String.join(", ", report.leftOut()) + ".");
    return tables.text.toString();
  }

  private void addCpu(boolean isPaced, String load) {
    List<String> rows = new ArrayList<>();
    byCell.forEach((cell, servers) -> {
      if (cell.mode().isPaced() == isPaced) {
        servers.forEach((server, samples) -> rows.add(cpuRow(cell, samples, servers)));
      }
    });
    if (!rows.isEmpty()) {
      header(
          "connections",
          load,
          "server",
          "leases",
          "CPU, µs per heartbeat",
          "÷ " + RESPONDER,
          "÷ " + CONSTANT,
          "heartbeats/s");
      rows.forEach(row -> text.append(row).append('\n'));
      text.append('\n');
    }
  }

  private static String cpuRow(
      MatrixCell cell, List<Sample> samples, Map<String, List<Sample>> servers) {
    ToDoubleFunction<Sample> cpuUs = sample -> sample.result().cpuUsPerResponse();
    return row(
        cell,
        samples,
        range(samples, cpuUs).toString(),
        ratio(samples, servers.get(RESPONDER), cpuUs),
        ratio(samples, servers.get(CONSTANT), cpuUs),
        withoutDecimals(
            range(samples, sample -> sample.result().responsesPerSec()).median()));
  }

  private void addLatencies() {
    List<String> rows = new ArrayList<>();
    byCell.forEach((cell, servers) -> {
      if (cell.mode().isPaced()) {
        servers.forEach((server, samples) -> rows.add(latencyRow(cell, samples, servers)));
      }
    });
    if (!rows.isEmpty()) {
      header(
          "connections",
          "heartbeats/s due",
          "server",
          "leases",
          "p50, µs",
          "p99, µs",
          "p99.9, µs",
          "max, µs",
          "p50 ÷ " + RESPONDER,
          "p99 ÷ " + RESPONDER);
      rows.forEach(row -> text.append(row).append('\n'));
      text.append('\n');
    }
  }

  private static String latencyRow(
      MatrixCell cell, List<Sample> samples, Map<String, List<Sample>> servers) {
    ToDoubleFunction<Sample> p50 = latency(Latency::windowP50Us);
    ToDoubleFunction<Sample> p99 = latency(Latency::windowP99Us);
    List<Sample> base = servers.get(RESPONDER);
    return row(
        cell,
        samples,
        withoutDecimals(range(samples, p50)),
        withoutDecimals(range(samples, p99)),
        withoutDecimals(range(samples, latency(Latency::p999Us))),
        withoutDecimals(range(samples, latency(Latency::maxUs)).max()),
        ratio(samples, base, p50),
        ratio(samples, base, p99));
  }

  /** Returns the figure of a paced sample. */
  private static ToDoubleFunction<Sample> latency(ToDoubleFunction<Latency> figure) {
    return sample -> {
      Latency latency = sample.result().latency();
      return latency == null ? Double.NaN : figure.applyAsDouble(latency);
    };
  }

  private static FigureRange range(List<Sample> samples, ToDoubleFunction<Sample> figure) {
    return FigureRange.of(samples.stream().mapToDouble(figure).boxed().toList());
  }

  /**
   * Returns the range of each round's ratio to the base in the same round, since the state of the
   * machine affects all servers of a round; empty if no round has both.
   */
  private static String ratio(
      List<Sample> samples, @Nullable List<Sample> base, ToDoubleFunction<Sample> figure) {
    List<Double> ratios = new ArrayList<>();
    for (Sample sample : samples) {
      if (base != null) {
        base.stream()
            .filter(other -> other.round() == sample.round())
            .forEach(
                other -> ratios.add(figure.applyAsDouble(sample) / figure.applyAsDouble(other)));
      }
    }
    return ratios.isEmpty() ? "" : FigureRange.of(ratios).toString();
  }

  private static String withoutDecimals(FigureRange range) {
    return String.format(
        Locale.ROOT, "%,.0f (%,.0f–%,.0f)", range.median(), range.min(), range.max());
  }

  private static String withoutDecimals(double figure) {
    return String.format(Locale.ROOT, "%,.0f", figure);
  }

  private static String row(MatrixCell cell, List<Sample> samples, String... figures) {
    Sample first = samples.get(0);
    return String.format(
        Locale.ROOT,
        "| %,d | %,d | %s | %s | %s |",
        cell.connections(),
        cell.load(),
        first.server(),
        first.leases() == 0 ? "" : String.format(Locale.ROOT, "%,d", first.leases()),
        String.join(" | ", figures));
  }

  private void header(String... columns) {
    add("| %s |", String.join(" | ", columns));
    add("|%s", "---|".repeat(columns.length));
  }

  private void add(String format, Object... arguments) {
    text.append(String.format(Locale.ROOT, format, arguments)).append('\n');
  }
}
