// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.peers;

import io.systole.benchmarks.peers.PeersReport.Restart;
import io.systole.benchmarks.peers.PeersReport.ScaleResult;
import io.systole.benchmarks.peers.PeersReport.SlowPhase;
import io.systole.benchmarks.peers.PeersReport.SlowResult;
import io.systole.benchmarks.servers.FigureRange;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** The tables of a report, in Markdown. */
public final class PeersTables {
  private static final double US_PER_SEC = 1e6;

  private final StringBuilder text = new StringBuilder();

  private PeersTables() {}

  /** Returns the tables of the content of a {@code --json} file. */
  public static String markdown(JsonNode report) {
    return markdown(new ObjectMapper().treeToValue(report, PeersReport.class));
  }

  static String markdown(PeersReport report) {
    PeersTables tables = new PeersTables();
    if (!report.slow().isEmpty()) {
      tables.addSlow(report.slow());
    }
    if (!report.cost().isEmpty()) {
      CostFigures figures = new CostFigures(report.cost());
      tables.addCost(figures);
      tables.addHeartbeats(figures);
    }
    report.scale().forEach(tables::addScale);
    for (String reason : report.invalidReasons()) {
      tables.add(
          "Not the figures of the servers, because the load generator fell behind: %s", reason);
      tables.add("");
    }
    tables.add("Load average before: %.2f.", report.loadAverage());
    return tables.text.toString();
  }

  private void addSlow(List<SlowResult> results) {
    header(
        "servers",
        "phase",
        "renewals/s",
        "p99, ms",
        "max, ms",
        "CPU of A, µs per renewal",
        "live heap of A, MB",
        "items queued at A",
        "evictions at A, B, C",
        "instances at A, B, C",
        "differing");
    for (SlowResult result : results) {
      for (SlowPhase phase : result.phases()) {
        add(
            "| %s | %s | %,.0f | %s | %.0f | %.1f | %.1f | %,d | %s | %s | %,d |",
            result.servers(),
            phase.name(),
            phase.beats().renewed() / phase.beats().secs(),
            phase.beats().p99Ms(),
            phase.beats().maxMs(),
            phase.cpuUs(),
            phase.heapMb(),
            phase.queuedItems(),
            joined(phase.evictions()),
            joined(phase.instances()),
            phase.differing());
      }
    }
    add("");
    for (SlowResult result : results) {
      add(
          "%s: %s; heartbeats without a 200: %,d.",
          result.servers(), convergence(result), result.notRenewed());
      add("");
    }
  }

  private static String convergence(SlowResult result) {
    Double secs = result.convergedSecs();
    return secs == null
        ? String.format(
            Locale.ROOT,
            "%,d instances differ %d s after C responds again",
            result.differing(),
            result.convergeSecsMax())
        : String.format(Locale.ROOT, "all registries equal %.1f s after C responds again", secs);
  }

  private void addCost(CostFigures figures) {
    header(
        "servers",
        "renewals/s",
        "sender, µs per renewal",
        "sender beyond one alone, µs per replicated renewal",
        "its peer thread, µs",
        "receiver, µs per replicated renewal",
        "bytes sent per replicated renewal",
        "bytes received");
    for (CostFigures.Load load : figures.loads()) {
      if (load.beatsPerSec() > 0 && !load.label().equals(ReplicationCostRun.TWO_PEERS)) {
        add(
            "| %s | %,d | %s | %s | %s | %s | %s | %s |",
            load.label(),
            load.beatsPerSec(),
            figures.senderUs(load),
            cell(figures.sendingUs(load)),
            cell(figures.peerThreadUs(load)),
            cell(figures.receivingUs(load)),
            cell(figures.sentBytes(load)),
            cell(figures.receivedBytes(load)));
      }
    }
    add("");
  }

  private void addHeartbeats(CostFigures figures) {
    header("renewals/s", "no peers, µs per renewal", "two peers, µs per renewal", "ratio");
    for (CostFigures.Load load : figures.loads()) {
      if (load.label().equals(ReplicationCostRun.TWO_PEERS)) {
        CostFigures.Load alone = new CostFigures.Load("systole", load.beatsPerSec());
        add(
            "| %s | %s | %s | %s |",
            load.beatsPerSec() == 0
                ? "at most"
                : String.format(Locale.ROOT, "%,d", load.beatsPerSec()),
            figures.senderUs(alone),
            figures.senderUs(load),
            figures.ratio(load, alone));
      }
    }
    add("");
  }

  private void addScale(ScaleResult result) {
    header(
        "restarted, of " + String.format(Locale.ROOT, "%,d", result.instances()) + " instances",
        "accepts after, s",
        "has all after, s",
        "verified equal after, s",
        "differing",
        "CPU of A until then, s",
        "CPU of the node, s");
    for (Restart restart : result.restarts()) {
      add(
          "| %s | %.1f | %.1f | %.1f | %,d | %.2f | %.2f |",
          restart.node(),
          restart.acceptingSecs(),
          restart.completeSecs(),
          restart.verifiedSecs(),
          restart.differing(),
          restart.cpuSecs().get(0),
          restart.cpuSecs().get(1));
    }
    add("");
    double perSec = result.steady().renewed() / result.steady().secs();
    String cpuUs = result.cpuSecs().stream()
        .map(secs ->
            String.format(Locale.ROOT, "%.1f", US_PER_SEC * secs / result.steadySecs() / perSec))
        .collect(Collectors.joining(", "));
    add(
        "Before: %,.0f renewals/s, p99 %s ms, CPU of A, B, C in µs per renewal: %s;"
            + " heartbeats without a 200 in the whole run: %,d.",
        perSec, result.steady().p99Ms(), cpuUs, result.notRenewed());
    add("");
  }

  private void header(String... columns) {
    add("| %s |", String.join(" | ", columns));
    add("|%s", "---|".repeat(columns.length));
  }

  private static String cell(@Nullable FigureRange range) {
    return range == null ? "" : range.toString();
  }

  private static String joined(List<? extends Number> counts) {
    return counts.stream()
        .map(count -> String.format(Locale.ROOT, "%,d", count.longValue()))
        .collect(Collectors.joining(" / "));
  }

  private void add(String format, Object... arguments) {
    text.append(String.format(Locale.ROOT, format, arguments)).append('\n');
  }
}
