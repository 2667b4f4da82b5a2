// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.loadtest.report.Report.Comparison;
import io.systole.loadtest.report.Report.Registrations;
import org.junit.jupiter.api.Test;

class ReportTextTest {
  @Test
  void comparison_equalCounts_areReported() {
    assertThat(ReportText.comparison(Comparison.of(12_345L, 12_345)))
        .isEqualTo("target counted 12,345, we counted 12,345: equal");
  }

  @Test
  void comparison_targetCountedMore_reportsTheDifference() {
    assertThat(ReportText.comparison(Comparison.of(1_500L, 100)))
        .isEqualTo("target counted 1,500, we counted 100: the target counted 1,400 more");
  }

  @Test
  void comparison_targetCountedLess_reportsTheDifference() {
    assertThat(ReportText.comparison(Comparison.of(90L, 100)))
        .isEqualTo("target counted 90, we counted 100: the target counted 10 fewer");
  }

  @Test
  void addRefusals_registrationsRefused_isALineWithTheirNumber() {
    TextLines text = new TextLines();

    ReportText.addRefusals(text, new Registrations(10, 2, 5, 0, 0));
    ReportText.addRefusals(text, new Registrations(10, 2, 5, 0, 1_234));

    assertThat(text.toString().strip())
        .isEqualTo("registrations received status 503 1,234 times, and were retried");
  }

  @Test
  void comparison_noCounter_isReported() {
    assertThat(ReportText.comparison(new Comparison(null, 100, "/metrics returned status 401")))
        .isEqualTo("we counted 100 renewals; the target's count is unknown:"
            + " /metrics returned status 401");
  }
}
