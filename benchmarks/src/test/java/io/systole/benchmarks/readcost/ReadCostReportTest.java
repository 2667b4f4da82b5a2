// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readcost;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.benchmarks.readcost.ReadCostReport.ReadFigures;
import io.systole.benchmarks.servers.ServerUnderTest;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ReadCostReportTest {
  private static final DataSet DATA_SET = new DataSet(1_000, 100);

  private final ReadCostReport report =
      new ReadCostReport(List.of(ServerUnderTest.SYSTOLE, ServerUnderTest.STOCK_FRESH));

  @Test
  void markdown_twoServers_containsMediansRangesAndRatio() {
    report.add(DATA_SET, ServerUnderTest.SYSTOLE, figures("full.cpuMs", 2, 1, 4));
    report.add(DATA_SET, ServerUnderTest.STOCK_FRESH, figures("full.cpuMs", 30, 50, 80));

    String markdown = report.markdown();

    assertThat(markdown).isEqualTo("""

            1,000 instances in 100 applications

            | figure | systole | stock-fresh | stock-fresh ÷ systole |
            |---|---|---|---|
            | full.cpuMs | 2.00 (1.00–4.00) | 50.00 (30.00–80.00) | 25.00 |
            """);
  }

  @Test
  void markdown_figureOfOneServer_leavesOtherCellEmpty() {
    report.add(DATA_SET, ServerUnderTest.SYSTOLE, figures("full.unchangedUs", 3));
    report.add(DATA_SET, ServerUnderTest.STOCK_FRESH, new ReadFigures());

    String markdown = report.markdown();

    assertThat(markdown).endsWith("| full.unchangedUs | 3.00 (3.00–3.00) | – | – |\n");
  }

  @Test
  void markdown_oneServerMeasured_hasOneColumn() {
    report.add(DATA_SET, ServerUnderTest.SYSTOLE, figures("full.cpuMs", 3));

    String markdown = report.markdown();

    assertThat(markdown).contains("| figure | systole |\n").doesNotContain("stock");
  }

  @Test
  void entries_secondRound_addsToTheFiguresOfTheFirst() {
    report.add(DATA_SET, ServerUnderTest.SYSTOLE, figures("full.cpuMs", 3));
    report.add(DATA_SET, ServerUnderTest.SYSTOLE, figures("full.cpuMs", 5));

    List<ReadCostReport.ReportEntry> entries = report.entries();

    assertThat(entries).hasSize(1);
    assertThat(entries.get(0).figures()).containsEntry("full.cpuMs", List.of(3.0, 5.0));
  }

  private static ReadFigures figures(String name, double... values) {
    ReadFigures figures = new ReadFigures();
    for (double value : values) {
      figures.add(name, value);
    }
    return figures;
  }
}
