// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RateTest {
  @ParameterizedTest
  @CsvSource({"1000,30000,30000", "33333.3,1000000,30000", "200,10,50", "0.001,1,1000000"})
  void intervalMs_rateOfAFleet_isThatOfEachInstance(double perSec, int instances, int intervalMs) {
    assertThat(Rate.intervalMs(perSec, instances)).isEqualTo(intervalMs);
  }

  @ParameterizedTest
  @ValueSource(doubles = {123, 4_567, 19_999, 87_654, 199_000})
  void intervalMs_anyRateThatIsTaken_isMetToAHundredth(double perSec) {
    int intervalMs = Rate.intervalMs(perSec, 10_000);

    assertThat(Rate.perSec(intervalMs, 10_000)).isBetween(0.99 * perSec, 1.01 * perSec);
  }

  @Test
  void intervalMs_tooFewInstances_namesTheRequiredNumber() {
    assertThatThrownBy(() -> Rate.intervalMs(1_000, 10))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--instances=50 or more");
    assertThat(Rate.intervalMs(1_000, 50)).isEqualTo(50);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-1, 0, 1e-9, Double.NaN})
  void intervalMs_noRate_isRejected(double perSec) {
    assertThatThrownBy(() -> Rate.intervalMs(perSec, 10))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
