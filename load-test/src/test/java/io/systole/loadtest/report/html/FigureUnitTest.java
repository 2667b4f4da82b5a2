// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report.html;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FigureUnitTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "MS | 0 | 0 ms",
        "MS | 0.0421 | 0.042 ms",
        "MS | 0.9999 | 1.00 ms",
        "MS | 1.237 | 1.24 ms",
        "MS | 99.99 | 100 ms",
        "MS | 42.37 | 42.4 ms",
        "MS | 12345.6 | 12,346 ms",
        "COUNT | 3 | 3",
        "COUNT | 1234567 | 1,234,567",
        "PER_SEC | 0.5 | 0.500/s",
        "PER_SEC | 3333.3 | 3,333/s",
        "SECS | 30 | 30 s",
        "SECS | 0.1 | 0.100 s",
        "MIB | 3145728 | 3.00 MiB",
        "MS | Infinity | Infinity ms",
      })
  void of_value_hasSignificantDigits(FigureUnit unit, double value, String expected) {
    assertThat(unit.of(value).replace('\u00a0', ' ')).isEqualTo(expected);
  }
}
