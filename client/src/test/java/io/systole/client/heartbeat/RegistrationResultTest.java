// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegistrationResultTest {
  @ParameterizedTest
  @CsvSource({
    "200, ACCEPTED",
    "204, ACCEPTED",
    "201, RETRYABLE",
    "302, RETRYABLE",
    "400, REJECTED",
    "404, REJECTED",
    "408, RETRYABLE",
    "409, REJECTED",
    "415, REJECTED",
    "429, RETRYABLE",
    "499, REJECTED",
    "500, RETRYABLE",
    "503, RETRYABLE"
  })
  void of_status_returnsResult(int status, RegistrationResult result) {
    assertThat(RegistrationResult.of(status)).isEqualTo(result);
  }
}
