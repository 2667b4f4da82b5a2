// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.cluster;

import io.systole.benchmarks.cluster.ClusterReport.Cluster;
import io.systole.benchmarks.cluster.ClusterReport.Failure;
import io.systole.benchmarks.cluster.ClusterReport.Join;
import io.systole.benchmarks.cluster.ClusterReport.Phase;
import io.systole.benchmarks.cluster.PacedRenewals.Interval;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** The tables of a report, in Markdown. */
public final class ClusterTables {
  private static final double BYTES_PER_MB = 1e6;

  private final StringBuilder text = new StringBuilder();

  private ClusterTables() {}

  /** Returns the tables of the content of a {@code --json} file. */
  public static String markdown(JsonNode report) {
    return markdown(new ObjectMapper().treeToValue(report, ClusterReport.class));
  }

  static String markdown(ClusterReport report) {
    ClusterTables tables = new ClusterTables();
    tables.addCost(report);
    tables.addChanges(report.clusters());
    tables.add(
        "%,d instances; heartbeats without a 200: %,d. Load average before: %.2f.",
        report.instances(), report.notRenewed(), report.loadAverage());
    return tables.text.toString();
  }

  private void addCost(ClusterReport report) {
    header(
        "members",
        "registered at all after, s",
        "renewals/s",
        "p99, ms",
        "all members, µs per renewal",
        "one loaded member, µs per renewal",
        "ratio to one alone",
        "each receiver, µs per replicated renewal",
        "bytes per replicated renewal",
        "received, %",
        "resident, MB",
        "live heap, MB");
    double aloneUs = Double.NaN;
    for (Cluster cluster : report.clusters()) {
      ClusterFigures figures = new ClusterFigures(cluster);
      Phase single = cluster.single() == null ? cluster.spread() : cluster.single();
      double loadedUs = figures.memberUs(single, 0);
      if (cluster.members() == 1) {
        aloneUs = loadedUs;
      }
      add(
          "| %d | %.1f | %s | %s | %.2f | %.2f | %.2f | %s | %s | %s | %s | %s |",
          cluster.members(),
          cluster.registerSecs(),
          perSec(cluster.spread().beats()),
          p99(cluster.spread().beats()),
          figures.allMembersUs(cluster.spread()),
          loadedUs,
          loadedUs / aloneUs,
          cell("%.3f", figures.receiverUs(single)),
          cell("%.2f", figures.bytesPerRenewal(cluster.spread())),
          cell("%.1f", 100 * figures.receivedShare(cluster.spread())),
          megabytes(cluster.residentBytes()),
          megabytes(cluster.liveBytes()));
    }
    add("");
  }

  private void addChanges(List<Cluster> clusters) {
    header(
        "members",
        "another accepts after, s",
        "is ready after, s",
        "p99 of the others before and meanwhile, ms",
        "kill noticed after, s",
        "suspension noticed after, s",
        "merged after, s",
        "p99 of the others meanwhile, ms");
    for (Cluster cluster : clusters) {
      Join join = cluster.join();
      Failure kill = cluster.kill();
      Failure freeze = cluster.freeze();
      if (join != null && kill != null && freeze != null) {
        add(
            "| %d | %.1f | %.1f | %s, %s | %.1f | %.1f | %s | %s |",
            cluster.members(),
            join.acceptingSecs(),
            join.readySecs(),
            p99(join.calm()),
            p99(join.during()),
            kill.noticedSecs(),
            freeze.noticedSecs(),
            secs(freeze.mergedSecs()),
            p99(freeze.beats()));
      }
    }
    add("");
  }

  private static String secs(@Nullable Double secs) {
    return secs == null ? "" : cell("%.1f", secs);
  }

  private static String perSec(@Nullable Interval beats) {
    return beats == null ? "" : cell("%,.0f", beats.renewed() / beats.secs());
  }

  private static String p99(@Nullable Interval beats) {
    return beats == null ? "" : cell("%.2f", beats.p99Ms());
  }

  private static String cell(String format, double figure) {
    return Double.isFinite(figure) ? String.format(Locale.ROOT, format, figure) : "";
  }

  /** Returns the greatest of all members. */
  private static String megabytes(List<Long> bytes) {
    return String.format(
        Locale.ROOT,
        "%,.0f",
        bytes.stream().mapToLong(size -> size).max().orElse(0) / BYTES_PER_MB);
  }

  private void header(String... columns) {
    add("| %s |", String.join(" | ", columns));
    add("|%s", "---|".repeat(columns.length));
  }

  private void add(String format, Object... arguments) {
    text.append(String.format(Locale.ROOT, format, arguments)).append('\n');
  }
}
