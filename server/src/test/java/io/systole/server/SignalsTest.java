// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SignalsTest {
  @ParameterizedTest
  @CsvSource({
    "0000000000000001, true",
    "8000000000001001, true",
    "0000000000001000, false",
    "0000000000000000, false",
    "x, false"
  })
  void isHangupIgnored_maskOfIgnoredSignals_isItsLowestBit(
      String mask, boolean isIgnored, @TempDir Path folder) throws IOException {
    Path status = Files.writeString(
        folder.resolve("status"),
        "Name:\tjava\nSigBlk:\t0000000000000001\nSigIgn:\t" + mask + "\n");

    assertThat(Signals.isHangupIgnored(status)).isEqualTo(isIgnored);
  }

  @Test
  void isHangupIgnored_withoutStatusFile_isFalse(@TempDir Path folder) {
    assertThat(Signals.isHangupIgnored(folder.resolve("none"))).isFalse();
  }
}
