// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.peers;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.benchmarks.peers.CostFigures.Load;
import io.systole.benchmarks.peers.PeersReport.CostSample;
import io.systole.benchmarks.servers.FigureRange;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class CostFiguresTest {
  private static final String ALONE = "systole";
  private static final String PAIR = "systole → stock";
  private static final int RATE = 1_000;

  /** Renewals of each sample, in 10 s. */
  private static final int RENEWALS = 10_000;

  private static final Load PAIR_LOAD = new Load(PAIR, RATE);

  @Test
  void senderUs_samplesOfAllRounds_isCpuPerRenewal() {
    CostFigures figures = figures();

    assertThat(figures.senderUs(PAIR_LOAD)).isEqualTo(new FigureRange(35, 30, 40));
  }

  @Test
  void sendingUs_serverWithoutPeers_isSubtractedRoundByRound() {
    CostFigures figures = figures();

    // 30 - 20 and 40 - 25, of twice as many renewals as were replicated.
    assertThat(figures.sendingUs(PAIR_LOAD)).isEqualTo(new FigureRange(25, 20, 30));
    assertThat(figures.sendingUs(new Load(ALONE, RATE))).isNull();
  }

  @Test
  void receivingUs_cpuWithoutLoad_isSubtracted() {
    CostFigures figures = figures();

    // 100 ms less 10 s at 5 ms/s, of 5,000 renewals.
    assertThat(figures.receivingUs(PAIR_LOAD)).isEqualTo(new FigureRange(10, 10, 10));
    assertThat(figures.receivingUs(new Load(ALONE, RATE))).isNull();
  }

  @Test
  void bytes_countedTraffic_isPerReplicatedRenewal() {
    CostFigures figures = figures();

    assertThat(figures.sentBytes(PAIR_LOAD)).isEqualTo(new FigureRange(140, 140, 140));
    assertThat(figures.receivedBytes(PAIR_LOAD)).isEqualTo(new FigureRange(20, 20, 20));
    assertThat(figures.peerThreadUs(PAIR_LOAD)).isNull();
  }

  @Test
  void ratio_twoLoads_isOfTheSameRounds() {
    CostFigures figures = figures();

    assertThat(figures.ratio(PAIR_LOAD, new Load(ALONE, RATE)))
        .isEqualTo(new FigureRange(1.55, 1.5, 1.6));
  }

  private static CostFigures figures() {
    return new CostFigures(List.of(
        sample(1, ALONE, 200, 0, 50), sample(1, PAIR, 300, 5_000, 100),
        sample(2, ALONE, 250, 0, 50), sample(2, PAIR, 400, 5_000, 100)));
  }

  /** Returns a sample with the CPU time of its sender, and of the receiver of the pair, ms. */
  private static CostSample sample(
      int round, String label, double senderMs, int replicated, double receiverMs) {
    return new CostSample(
        round,
        label,
        RATE,
        10,
        RENEWALS,
        0,
        replicated,
        140L * replicated,
        20L * replicated,
        0,
        Map.of(CostSample.sender(label), senderMs, CostSample.receiver(PAIR), receiverMs),
        "");
  }
}
