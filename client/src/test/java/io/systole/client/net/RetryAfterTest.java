// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryAfterTest {
  /** 1994-11-06 08:49:07 GMT, half a minute before the dates of RFC 9110 §5.6.7. */
  private static final long NOW_MS = 784_111_747_000L;

  @ParameterizedTest
  @CsvSource({"0,0", "1,1000", "120,120000", "999999999999,999999999999000"})
  void ms_seconds_returnsDuration(String value, long ms) {
    assertThat(RetryAfter.ms(value, NOW_MS)).isEqualTo(ms);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994"
      })
  void ms_dateInEachFormat_returnsTimeUntilThen(String value) {
    assertThat(RetryAfter.ms(value, NOW_MS)).isEqualTo(30_000);
    assertThat(RetryAfter.ms(value, NOW_MS + 60_000)).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "1.5", "soon", "9999999999999999999999", "06 Nov 1994"})
  void ms_anythingElse_isInvalid(String value) {
    assertThat(RetryAfter.ms(value, NOW_MS)).isEqualTo(RetryAfter.INVALID);
  }
}
