// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SharedTextTest {
  private final SharedText shared = new SharedText();

  @Test
  void of_equalText_isTheOneSeenBefore() {
    String first = shared.of(fresh("DEMO"));

    String second = shared.of(fresh("DEMO"));

    assertThat(second).isSameAs(first).isEqualTo("DEMO");
  }

  @Test
  void of_longText_isNotRemembered() {
    String first = shared.of("x".repeat(33));

    String second = shared.of("x".repeat(33));

    assertThat(second).isNotSameAs(first).isEqualTo(first);
  }

  @Test
  void of_moreThanIsRemembered_isStillTheText() {
    boolean isSo = IntStream.range(0, 100_000)
        .map(index -> index % 40_000)
        .mapToObj(Integer::toString)
        .allMatch(text -> shared.of(fresh(text)).equals(text));

    assertThat(isSo).isTrue();
  }

  private static String fresh(String text) {
    return String.valueOf(text.toCharArray());
  }
}
