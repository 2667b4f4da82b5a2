// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StringInternerTest {
  private final StringInterner shared = new StringInterner();

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

  @Test
  void of_equalMapInTheSameOrder_isTheOneSeenBefore() {
    Map<String, String> first = shared.of(ordered("zone", "a", "port", "1"));

    Map<String, String> second = shared.of(ordered("zone", "a", "port", "1"));

    assertThat(second).isSameAs(first).isEqualTo(Map.of("zone", "a", "port", "1"));
  }

  /** The order of metadata is written again as it was read. */
  @Test
  void of_equalMapInAnotherOrder_keepsItsOrder() {
    shared.of(ordered("zone", "a", "port", "1"));

    Map<String, String> second = shared.of(ordered("port", "1", "zone", "a"));

    assertThat(second.keySet()).containsExactly("port", "zone");
  }

  @Test
  void of_mapOfManyEntriesOrMuchText_isNotRemembered() {
    Map<String, String> many = new LinkedHashMap<>();
    IntStream.range(0, 9).forEach(index -> many.put("k" + index, ""));
    Map<String, String> much = Map.of("k", "x".repeat(256));

    assertThat(shared.of(many)).isNotSameAs(shared.of(many)).isEqualTo(many);
    assertThat(shared.of(much)).isNotSameAs(shared.of(much)).isEqualTo(much);
  }

  @Test
  void of_moreMapsThanAreRemembered_areStillTheirEntries() {
    boolean isSo = IntStream.range(0, 20_000)
        .map(index -> index % 10_000)
        .mapToObj(index -> Map.of("k", Integer.toString(index)))
        .allMatch(map -> shared.of(map).equals(map));

    assertThat(isSo).isTrue();
  }

  private static Map<String, String> ordered(
      String key, String value, String nextKey, String nextValue) {
    Map<String, String> map = new LinkedHashMap<>();
    map.put(fresh(key), fresh(value));
    map.put(fresh(nextKey), fresh(nextValue));
    return map;
  }

  private static String fresh(String text) {
    return String.valueOf(text.toCharArray());
  }
}
