// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.servers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ServersTableTest {
  @Test
  void markdown_threeRounds_containsMedianRangeAndPairedRatios() {
    ServersTable table =
        new ServersTable(List.of(ServerUnderTest.SYSTOLE, ServerUnderTest.BASELINE));
    double[][] rounds = {{2, 8}, {1, 3}, {4, 24}};
    for (double[] round : rounds) {
      table.add(16, ServerUnderTest.SYSTOLE, round[0]);
      table.add(16, ServerUnderTest.BASELINE, round[1]);
    }

    String markdown = table.markdown();

    assertThat(markdown).isEqualTo("""
            | in flight | systole, µs | baseline, µs | baseline ÷ systole |
            |---|---|---|---|
            | 16 | 2.00 (1.00–4.00) | 8.00 (3.00–24.00) | 4.00 (3.00–6.00) |
            """);
  }

  @Test
  void markdown_severalRequestCounts_ordersRowsByNumber() {
    ServersTable table = new ServersTable(List.of(ServerUnderTest.CONSTANT));
    table.add(64, ServerUnderTest.CONSTANT, 1);
    table.add(1, ServerUnderTest.CONSTANT, 7);

    String markdown = table.markdown();

    assertThat(markdown.lines().skip(2))
        .containsExactly("| 1 | 7.00 (7.00–7.00) |", "| 64 | 1.00 (1.00–1.00) |");
  }

  @Test
  void of_evenCount_returnsMeanOfMiddleTwo() {
    FigureRange range = FigureRange.of(List.of(4.0, 1.0, 3.0, 2.0));

    assertThat(range).isEqualTo(new FigureRange(2.5, 1, 4));
  }
}
