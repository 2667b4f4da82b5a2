// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged histograms of report files. Some ended {@code merge} with a stack trace. */
class HistogramsTest {
  private static void assertRejected(String text) {
    assertThatThrownBy(() -> Histograms.read(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("not a histogram: ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "true", "AAAA", "%", "HISTFAAAAAA", "HISTFP////8="})
  void read_otherText_isRejected(String text) {
    assertRejected(text);
  }

  @Test
  void read_truncated_isRejected() {
    Histogram histogram = new Histogram(3);
    histogram.recordValue(1_000);
    String text = Histograms.text(histogram);

    assertRejected(text.substring(0, 12));
    assertRejected(text.substring(0, 20));
  }
}
