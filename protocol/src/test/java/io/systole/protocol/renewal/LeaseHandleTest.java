// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.renewal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LeaseHandleTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0, 0, 0000000000000000/0/0",
    "-1, 2147483647, 2147483647, ffffffffffffffff/2147483647/2147483647",
    "81985529216486895, 17, 3, 0123456789abcdef/17/3"
  })
  void parse_fieldValue_isTheHandle(long epoch, int slot, int generation, String value) {
    LeaseHandle handle = new LeaseHandle(epoch, slot, generation);

    assertThat(handle.fieldValue()).isEqualTo(value);
    assertThat(LeaseHandle.parse(value)).isEqualTo(handle);
    assertThat(LeaseHandle.epochIn(value)).isEqualTo(epoch);
  }

  @Test
  void parse_epochAlone_isNoHandle() {
    assertThat(LeaseHandle.fieldValue(0x0123_4567_89ab_cdefL)).isEqualTo("0123456789abcdef");
    assertThat(LeaseHandle.parse("0123456789abcdef")).isNull();
    assertThat(LeaseHandle.epochIn("0123456789abcdef")).isEqualTo(0x0123_4567_89ab_cdefL);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "?",
        "0123456789abcde",
        "0123456789ABCDEF",
        "0123456789abcdef/1",
        "0123456789abcdef/1/",
        "0123456789abcdef/-1/0",
        "0123456789abcdef/1/0/",
        "0123456789abcdef/12345678901/0",
        " "
      })
  void parse_malformed_isNull(String value) {
    assertThat(LeaseHandle.parse(value)).isNull();
    assertThat(LeaseHandle.epochIn(value)).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0123456789abcdef/2147483648/0", "0123456789abcdef/0/9999999999"})
  void parse_numberOutOfRange_isNoHandle(String value) {
    assertThat(LeaseHandle.parse(value)).isNull();
  }

  @Test
  void key_ofHandles_isOrderedByGenerationThenSlot() {
    long greatest = new LeaseHandle(1, Integer.MAX_VALUE, 0).key();
    long next = new LeaseHandle(1, 0, 1).key();

    assertThat(greatest).isPositive().isLessThan(next);
    assertThat(new LeaseHandle(1, Integer.MAX_VALUE, Integer.MAX_VALUE).key()).isPositive();
  }

  @Test
  void create_negativeNumbers_isRefused() {
    assertThatThrownBy(() -> new LeaseHandle(1, -1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("slot=-1 generation=0");
    assertThatThrownBy(() -> new LeaseHandle(1, 0, -1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
