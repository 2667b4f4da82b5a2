// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DescriptorReserveTest {
  @ParameterizedTest
  @CsvSource({
    "1000, 1256, 1000",
    "1000, 9223372036854775807, 1000",
    "1001, 1256, 1000",
    "65536, 20000, 19744",
    "65536, 257, 1",
    "65536, 100, 1",
    "10000000, 0, 1",
  })
  void cap_configuredAndLimit_leavesTheReserve(int configured, long limit, int expected) {
    int capped = DescriptorReserve.cap(configured, limit);

    assertThat(capped).isEqualTo(expected);
  }
}
