// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.peers;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.benchmarks.peers.BeatTimeline.Beats;
import io.systole.benchmarks.peers.PeersReport.CostSample;
import io.systole.benchmarks.peers.PeersReport.Restart;
import io.systole.benchmarks.peers.PeersReport.ScaleResult;
import io.systole.benchmarks.peers.PeersReport.SlowPhase;
import io.systole.benchmarks.peers.PeersReport.SlowResult;
import io.systole.benchmarks.servers.FigureRange;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.ObjectMapper;

final class PeersTablesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Beats BEATS = new Beats(10, 20_000, 0, new FigureRange(2, 1, 3), 9);

  @Test
  void markdown_slowPeer_hasRowPerPhaseAndConvergence() {
    PeersReport report = report(List.of(slow("systole", 1.25, 0), slow("stock", null, 50)));

    String tables = PeersTables.markdown(JSON.valueToTree(report));

    assertThat(tables)
        .contains(
            "| systole | C never responds | 2,000 | 2.00 (1.00–3.00) | 9 | 21.5 | 30.1 | 10,000 |"
                + " 0 / 0 / 9,999 | 10,000 / 10,000 / 1 | 9,999 |",
            "systole: all registries equal 1.3 s after C responds again; heartbeats without a 200:"
                + " 0.",
            "stock: 50 instances differ 60 s after C responds again")
        .doesNotContain("sender", "restarted");
  }

  @Test
  void markdown_cost_hasRowPerPairAndRatioOfTwoPeers() {
    String pair = "systole → systole";
    PeersReport report = new PeersReport(
        List.of(),
        0.5,
        List.of(),
        List.of(
            sample("systole", 0, 100),
            sample(pair, 1_000, 120),
            sample(ReplicationCostRun.TWO_PEERS, 0, 110)),
        List.of());

    String tables = PeersTables.markdown(JSON.valueToTree(report));

    assertThat(tables)
        .contains(
            "| systole | 2,000 | 100.00 (100.00–100.00) |  |  |  |  |  |",
            "| systole → systole | 2,000 | 120.00 (120.00–120.00) | 20.00 (20.00–20.00) |",
            "| 2,000 | 100.00 (100.00–100.00) | 110.00 (110.00–110.00) | 1.10 (1.10–1.10) |",
            "Load average before: 0.50.");
  }

  @Test
  void markdown_scale_hasRowPerRestart() {
    ScaleResult scale = new ScaleResult(
        100_000,
        BEATS,
        10,
        List.of(0.2, 0.1, 0.1),
        List.of(new Restart("B", 2, 3.5, 9, 0, List.of(0.7, 4.0))),
        0,
        "its own lag was 20 ms");
    PeersReport report = new PeersReport(List.of(), 0, List.of(), List.of(), List.of(scale));

    String tables = PeersTables.markdown(JSON.valueToTree(report));

    assertThat(tables)
        .contains(
            "| restarted, of 100,000 instances |",
            "| B | 2.0 | 3.5 | 9.0 | 0 | 0.70 | 4.00 |",
            "CPU of A, B, C in µs per renewal: 10.0, 5.0, 5.0",
            "the load generator fell behind: its own lag was 20 ms");
  }

  @Test
  void notRenewedBySystole_failuresOfBothKinds_countsSystoleOnly() {
    SlowResult systole = new SlowResult("systole", List.of(), null, 60, 0, 3, "");
    SlowResult stock = new SlowResult("stock-fresh", List.of(), null, 60, 0, 4, "");

    assertThat(report(List.of(systole, stock)).notRenewedBySystole()).isEqualTo(3);
  }

  private static PeersReport report(List<SlowResult> slow) {
    return new PeersReport(List.of("-Xmx512m"), 0.5, slow, List.of(), List.of());
  }

  private static SlowResult slow(String servers, @Nullable Double convergedSecs, int differing) {
    SlowPhase phase = new SlowPhase(
        "C never responds",
        BEATS,
        21.5,
        30.1,
        10_000,
        List.of(0L, 0L, 9_999L),
        List.of(10_000, 10_000, 1),
        9_999);
    return new SlowResult(servers, List.of(phase), convergedSecs, 60, differing, 0, "");
  }

  private static CostSample sample(String label, int replicated, double senderMs) {
    return new CostSample(
        1,
        label,
        2_000,
        1,
        1_000,
        0,
        replicated,
        0,
        0,
        0,
        Map.of(CostSample.sender(label), senderMs),
        "");
  }
}
