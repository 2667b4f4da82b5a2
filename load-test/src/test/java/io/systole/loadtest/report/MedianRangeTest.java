// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class MedianRangeTest {
  @Test
  void of_oddCount_isTheMiddleOne() {
    assertThat(MedianRange.of(List.of(3.0, 1.0, 2.0))).isEqualTo(new MedianRange(2, 1, 3));
  }

  @Test
  void of_evenCount_isBetweenTheMiddleTwo() {
    assertThat(MedianRange.of(List.of(4.0, 1.0, 2.0, 30.0))).isEqualTo(new MedianRange(3, 1, 30));
  }

  @Test
  void text_ofOne_isThatThreeTimes() {
    assertThat(MedianRange.of(List.of(1234.5)).text(1)).isEqualTo("1,234.5 (1,234.5–1,234.5)");
  }
}
