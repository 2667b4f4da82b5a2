// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantityTest {
  @ParameterizedTest
  @CsvSource({
    "DURATION, 0, 0",
    "DURATION, 0s, 0",
    "DURATION, 500ms, 500",
    "DURATION, 10s, 10000",
    "DURATION, 1.5s, 1500",
    "DURATION, 3 m, 180000",
    "DURATION, 2h, 7200000",
    "DURATION, 7d, 604800000",
    "SIZE, 512B, 512",
    "SIZE, 64KiB, 65536",
    "SIZE, 1.5MiB, 1572864",
    "SIZE, 2GiB, 2147483648",
    "SIZE, 1TiB, 1099511627776"
  })
  void parse_numberWithUnit_isInTheSmallestUnit(Quantity quantity, String text, long value) {
    assertThat(quantity.parse(text)).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "10",
        "1.5",
        "s",
        "-1s",
        "+1s",
        "1 0s",
        "0.1ms",
        "1.0000000001s",
        "10S",
        "10sec",
        "10s ",
        "1m30s",
        "1e3s",
        "٣s",
        "999999999999999d"
      })
  void parse_notADuration_isNull(String text) {
    assertThat(Quantity.DURATION.parse(text)).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"65536", "64KB", "64kib", "0.5B", "64K", "64 K iB", "999999999999999TiB"})
  void parse_notASize_isNull(String text) {
    assertThat(Quantity.SIZE.parse(text)).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "DURATION, 0, 0",
    "DURATION, 1500, 1500ms",
    "DURATION, 90000, 90s",
    "DURATION, 86400000, 1d",
    "SIZE, 1000, 1000B",
    "SIZE, 65536, 64KiB",
    "SIZE, 1073741824, 1GiB"
  })
  void format_value_isInTheLargestUnitThatDividesIt(Quantity quantity, long value, String text) {
    assertThat(quantity.format(value)).isEqualTo(text);
    assertThat(quantity.parse(text)).isEqualTo(value);
  }
}
