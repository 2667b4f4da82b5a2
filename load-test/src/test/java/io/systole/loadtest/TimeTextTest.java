// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class TimeTextTest {
  @ParameterizedTest
  @CsvSource({"20ms,20", "0.5s,500", "7,7", "1.5 ms,1.5", "1m,60000"})
  void milliseconds_timeWithUnit_isConverted(String text, double ms) {
    assertThat(new TimeText.Milliseconds().convert(text)).isEqualTo(ms);
  }

  @ParameterizedTest
  @CsvSource({"30s,30", "500ms,0.5", "1m,60", "2h,7200", "30,30", "0.5,0.5"})
  void seconds_timeWithUnit_isConverted(String text, double secs) {
    assertThat(new TimeText.Seconds().convert(text)).isEqualTo(secs);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1ms", "soon", "3 weeks", ""})
  void convert_anythingElse_isRejectedWithTheText(String text) {
    assertThatThrownBy(() -> new TimeText.Seconds().convert(text))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("'" + text + "'");
  }

  @Test
  void share_percentOrFraction_isConverted() {
    assertThat(new ShareConverter().convert("5%")).isEqualTo(0.05);
    assertThat(new ShareConverter().convert("0.05")).isEqualTo(0.05);
    assertThatThrownBy(() -> new ShareConverter().convert("five"))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("'five'");
  }
}
