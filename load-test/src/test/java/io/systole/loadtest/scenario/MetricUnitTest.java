// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MetricUnitTest {
  @ParameterizedTest
  @CsvSource({
    "COUNT, 12, 12",
    "COUNT, 1.5, 1.5",
    "SHARE, 10%, 0.1",
    "SHARE, 29%, 0.29",
    "SHARE, 100%, 1",
    "DURATION, 5us, 0.005",
    "DURATION, 500ms, 500",
    "DURATION, 1.5s, 1500",
    "DURATION, 2m, 120000",
    "DURATION, 1h, 3600000",
    "DURATION, 0, 0",
    "RATE, 200/s, 200",
    "BYTES, 64KB, 64000",
    "BYTES, 3B, 3"
  })
  void parse_valueOfTheUnit_isInTheBaseUnit(MetricUnit unit, String text, double value) {
    assertThat(unit.parse(text)).isEqualTo(value);
  }

  @ParameterizedTest
  @CsvSource({
    "COUNT, 10%",
    "COUNT, ten",
    "SHARE, 10",
    "SHARE, -1%",
    "DURATION, 30",
    "DURATION, 30 sec",
    "DURATION, 1e3s",
    "RATE, 200",
    "RATE, 200/m",
    "BYTES, 3",
    "BYTES, 99999999999999999999B"
  })
  void parse_valueOfAnotherUnit_isRejectedWithExample(MetricUnit unit, String text) {
    assertThatThrownBy(() -> unit.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("must be " + unit.description() + ", got \"" + text + "\"");
  }

  @ParameterizedTest
  @CsvSource({
    "COUNT, 0, 0",
    "COUNT, 1234567, 1234567",
    "COUNT, 0.25, 0.25",
    "SHARE, 1, 100%",
    "SHARE, 0.9984, 99.84%",
    "DURATION, 0.0052, 5.2us",
    "DURATION, 12.25, 12.25ms",
    "DURATION, 90000, 90s",
    "RATE, 12.5, 12.5/s",
    "BYTES, 2500000, 2.5MB"
  })
  void format_value_isReadable(MetricUnit unit, double value, String text) {
    assertThat(unit.format(value)).isEqualTo(text);
  }

  @Test
  void format_infinity_isNever() {
    assertThat(MetricUnit.DURATION.format(Double.POSITIVE_INFINITY)).isEqualTo("never");
  }
}
