// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine.TypeConversionException;

class MillisecondsTest {
  @ParameterizedTest
  @CsvSource({"20ms,20", "0.5s,500", "7,7", "1.5 ms,1.5"})
  void convert_timeAsPeopleWriteIt_isMilliseconds(String text, double ms) {
    assertThat(new Milliseconds().convert(text)).isEqualTo(ms);
  }

  @Test
  void convert_anythingElse_isRefusedWithWhatCame() {
    assertThatThrownBy(() -> new Milliseconds().convert("-1ms"))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("-1ms");
  }
}
