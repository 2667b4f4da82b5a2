// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 9110 §12.5.3, and spec §8 row 74. */
class ContentNegotiationTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gzip                             | true",
        "GZIP                             | true",
        "x-gzip                           | true",
        "gzip, x-gzip, deflate            | true",
        "deflate, gzip;q=1.0, *;q=0.5     | true",
        "gzip;q=0.001                     | true",
        "gzip ; q=0.5                     | true",
        "*                                | true",
        "identity, *;q=0.1                | true",
        "gzip;q=0                         | false",
        "gzip; Q=0.000                    | false",
        "gzip;q=0, *                      | false",
        "*, gzip;q=0.0                    | false",
        "*;q=0                            | false",
        "deflate, br                      | false",
        "gzipped                          | false",
        "identity                         | false",
        "''                               | false"
      })
  void allowsGzip_byHeader(String header, boolean included) {
    assertThat(ContentNegotiation.allowsGzip(header)).isEqualTo(included);
  }

  @Test
  void allowsGzip_withoutHeader_isFalse() {
    assertThat(ContentNegotiation.allowsGzip(null)).isFalse();
  }
}
