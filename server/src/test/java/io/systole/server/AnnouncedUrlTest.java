// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnnouncedUrlTest {
  @ParameterizedTest
  @CsvSource({
    "10.0.0.1, 8761, false, http://10.0.0.1:8761/v2",
    "node.example, 8761, true, https://node.example:8761/v2",
    "0.0.0.0, 8761, false, http://10.0.0.9:8761/v2",
    "::, 8761, false, http://10.0.0.9:8761/v2",
    "::1, 8761, false, http://[::1]:8761/v2",
    "10.0.0.1, 0, false, ''"
  })
  void at_host_isReachableByClients(String bind, int port, boolean isTls, String expected) {
    assertThat(new AnnouncedUrl(bind, port, "/v2", isTls).at("10.0.0.9", port)).isEqualTo(expected);
  }
}
