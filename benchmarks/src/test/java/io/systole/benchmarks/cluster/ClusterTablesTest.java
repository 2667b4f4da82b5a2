// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.benchmarks.cluster.ClusterReport.Cluster;
import io.systole.benchmarks.cluster.ClusterReport.Failure;
import io.systole.benchmarks.cluster.ClusterReport.Join;
import io.systole.benchmarks.cluster.ClusterReport.Phase;
import io.systole.benchmarks.cluster.PacedRenewals.Interval;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.ObjectMapper;

final class ClusterTablesTest {
  private static final Interval BEATS = new Interval(10, 100_000, 0, 0.5, 2, 9);
  private static final Interval SLOW_BEATS = new Interval(10, 99_999, 1, 0.5, 3.5, 9);

  private static Phase phase(
      double secs, @Nullable Interval beats, List<Double> cpuMs, double sent) {
    Map<String, Double> counters = Map.of(
        "systole_cluster_sent_bytes_total{kind=\"beats\"}", 1.5 * sent,
        "systole_cluster_renewals_sent_total", sent,
        "systole_cluster_renewals_received_total", 1.98 * sent);
    return new Phase(secs, beats, cpuMs, Collections.nCopies(cpuMs.size(), counters));
  }

  private static Cluster alone() {
    return new Cluster(
        1,
        2,
        phase(20, null, List.of(100.0), 0),
        phase(10, BEATS, List.of(1_050.0), 0),
        null,
        List.of(500_000_000L),
        List.of(200_000_000L),
        null,
        null,
        null);
  }

  private static Cluster three() {
    return new Cluster(
        3,
        4,
        phase(20, null, List.of(200.0, 200.0, 200.0), 0),
        phase(10, BEATS, List.of(500.0, 600.0, 700.0), 30_000),
        phase(10, BEATS, List.of(1_600.0, 110.0, 120.0), 30_000),
        List.of(1_000_000_000L, 1_200_000_000L, 900_000_000L),
        List.of(300_000_000L, 300_000_000L, 300_000_000L),
        new Join(1.5, 6.25, BEATS, SLOW_BEATS),
        new Failure(1.2, null, BEATS),
        new Failure(10.5, 3.5, BEATS));
  }

  private static final ClusterReport REPORT =
      new ClusterReport(List.of("-Xmx2g"), 0.5, 1_000_000, List.of(alone(), three()));

  @Test
  void markdown_report_hasARowForEachCluster() {
    String tables = ClusterTables.markdown(REPORT);

    assertThat(tables)
        .contains("| 1 | 2.0 | 10,000 | 2.00 | 10.00 | 10.00 | 1.00 |  |  |  | 500 | 200 |")
        .contains("| 3 | 4.0 | 10,000 | 2.00 | 15.00 | 15.00 | 1.50 | 0.200 | 1.50 | 99.0 | 1,200 |"
            + " 300 |")
        .contains("| 3 | 1.5 | 6.3 | 2.00, 3.50 | 1.2 | 10.5 | 3.5 | 2.00 |")
        .contains("1,000,000 instances; heartbeats without a 200: 1.");
  }

  @Test
  void markdown_rawResults_areThoseOfTheReport() {
    ObjectMapper json = new ObjectMapper();

    assertThat(ClusterTables.markdown(json.valueToTree(REPORT)))
        .isEqualTo(ClusterTables.markdown(REPORT));
  }
}
