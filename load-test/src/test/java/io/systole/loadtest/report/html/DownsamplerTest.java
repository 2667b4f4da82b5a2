// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report.html;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.loadtest.report.Report.Sample;
import java.util.List;
import org.junit.jupiter.api.Test;

class DownsamplerTest {
  @Test
  void of_oneForEach_changesNothing() {
    List<Sample> timeline = List.of(Reports.silent(1), Reports.answered(2, 8));

    assertThat(Downsampler.of(timeline, 1)).isEqualTo(timeline);
  }

  @Test
  void of_severalForOne_addsCountsAndKeepsTheWorst() {
    List<Sample> timeline =
        List.of(Reports.answered(1, 4), Reports.silent(2), Reports.answered(3, 8));

    List<Sample> reduced = Downsampler.of(timeline, 2);

    assertThat(reduced).hasSize(2).last().isEqualTo(Reports.answered(3, 8));
    Sample both = reduced.get(0);
    assertThat(both.atSecs()).isEqualTo(2);
    assertThat(both.secs()).isEqualTo(2);
    assertThat(both.due()).isEqualTo(200);
    assertThat(both.answered()).isEqualTo(100);
    assertThat(both.waiting()).isEqualTo(100);
    assertThat(both.p99Ms()).isEqualTo(4);
    assertThat(both.targetCores()).as("mean of where it is known").isEqualTo(0.5);
  }

  @Test
  void of_unknownFigures_stayUnknown() {
    List<Sample> reduced = Downsampler.of(List.of(Reports.silent(1), Reports.silent(2)), 2);

    assertThat(reduced).singleElement().satisfies(sample -> {
      assertThat(sample.p50Ms()).isNull();
      assertThat(sample.targetCores()).isNull();
      assertThat(sample.targetHeapBytes()).isNull();
    });
  }
}
