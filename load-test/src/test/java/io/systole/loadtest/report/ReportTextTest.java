// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.loadtest.report.Report.Comparison;
import org.junit.jupiter.api.Test;

class ReportTextTest {
  @Test
  void comparison_equalCounts_areReported() {
    assertThat(ReportText.comparison(new Comparison(12_345L, 12_345)))
        .isEqualTo("server counted 12,345, we counted 12,345: equal");
  }

  @Test
  void comparison_serverCountedMore_reportsTheDifference() {
    assertThat(ReportText.comparison(new Comparison(1_500L, 100)))
        .isEqualTo("server counted 1,500, we counted 100: the server has +1,400");
  }

  @Test
  void comparison_serverCountedLess_reportsTheDifference() {
    assertThat(ReportText.comparison(new Comparison(90L, 100)))
        .isEqualTo("server counted 90, we counted 100: the server has -10");
  }

  @Test
  void comparison_noCounter_isReported() {
    assertThat(ReportText.comparison(new Comparison(null, 100)))
        .isEqualTo("we counted 100 renewals; the target's count is unknown");
  }
}
