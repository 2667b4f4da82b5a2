// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HttpLimitsTest {
  @ParameterizedTest
  @CsvSource({
    "0, 1, 1, 1, 2, targetBytesMax=0",
    "1, 0, 1, 1, 2, headBytesMax=0",
    "1, 1048577, 1, 1, 2, headBytesMax=1048577",
    "1, 1, 0, 1, 2, headersMax=0",
    "1, 1, 1, -1, 2, chunkLineBytesMax=-1",
    "1, 1, 1, 1, 1, trailerBytesMax=1"
  })
  void constructor_limitOutOfRange_isRefusedByName(
      int target, int head, int headers, int chunkLine, int trailer, String message) {
    assertThatThrownBy(() -> new HttpLimits(target, head, headers, chunkLine, trailer))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message + " is not within ");
  }

  @Test
  void defaults_areTheDocumentedOnes() {
    assertThat(HttpLimits.DEFAULT).isEqualTo(new HttpLimits(8192, 16384, 100, 256, 8192));
  }
}
