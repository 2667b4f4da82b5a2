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
    "201, TROUBLED",
    "302, TROUBLED",
    "400, REFUSED",
    "404, REFUSED",
    "408, TROUBLED",
    "409, REFUSED",
    "415, REFUSED",
    "429, TROUBLED",
    "499, REFUSED",
    "500, TROUBLED",
    "503, TROUBLED"
  })
  void of_everyKindOfStatus_isReadAsTheFieldDoes(int status, RegistrationResult result) {
    assertThat(RegistrationResult.of(status)).isEqualTo(result);
  }
}
