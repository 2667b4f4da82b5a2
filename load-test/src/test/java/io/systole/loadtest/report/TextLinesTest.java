// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.loadtest.report.Report.ReportConditions;
import org.junit.jupiter.api.Test;

class TextLinesTest {
  @Test
  void count_one_hasTheSingular() {
    assertThat(TextLines.count(1, "round")).isEqualTo("1 round");
  }

  @Test
  void count_noneOrSeveral_hasThePlural() {
    assertThat(TextLines.count(0, "round")).isEqualTo("0 rounds");
    assertThat(TextLines.count(1_000, "round")).isEqualTo("1,000 rounds");
  }

  @Test
  void addConditions_oneOfEach_hasTheSingulars() {
    TextLines text = new TextLines();

    text.addConditions(
        new ReportConditions(
            "run", "http://a", 1, 1, 1, 1, 16, 1, 1, 1, "even", "then", "1", "nio", "17", "os", 1),
        "");

    assertThat(text.toString())
        .startsWith("  1 instance in 1 application, 1 connection x 16 in flight, 1 loop"
            + System.lineSeparator())
        .contains(", 1 core, started then");
  }
}
