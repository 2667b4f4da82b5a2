// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.model;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StringInternerTest {
  private final StringInterner interner = new StringInterner();

  @Test
  void intern_equalText_isTheCachedOne() {
    String first = interner.intern(fresh("DEMO"));

    String second = interner.intern(fresh("DEMO"));

    assertThat(second).isSameAs(first).isEqualTo("DEMO");
  }

  @Test
  void intern_longText_isNotCached() {
    String first = interner.intern("x".repeat(33));

    String second = interner.intern("x".repeat(33));

    assertThat(second).isNotSameAs(first).isEqualTo(first);
  }

  @Test
  void intern_moreTextsThanSlots_areEqual() {
    boolean allEqual = IntStream.range(0, 100_000)
        .map(index -> index % 40_000)
        .mapToObj(Integer::toString)
        .allMatch(text -> interner.intern(fresh(text)).equals(text));

    assertThat(allEqual).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "a", "DEMO", "\u00e9", "\ud83d\ude00", "12345678901234567890123456789012"})
  void intern_bytesDecodedTwice_areCachedOnTheSecondTime(String text) {
    String first = decode(text);

    String second = decode(text);
    String third = decode(text);

    assertThat(first).isEqualTo(text);
    assertThat(second).isEqualTo(text);
    assertThat(third).isSameAs(second);
  }

  @Test
  void intern_bytesOfACachedString_areThatString() {
    String cached = interner.intern(fresh("DEMO"));

    String decoded = decode("DEMO");

    assertThat(decoded).isSameAs(cached);
  }

  @Test
  void intern_bytesOfLongText_areNotCached() {
    String text = "x".repeat(33);
    decode(text);
    String second = decode(text);

    String third = decode(text);

    assertThat(third).isEqualTo(text).isNotSameAs(second);
  }

  /** A byte above 127 must not be taken for the character of its value. */
  @Test
  void intern_bytesThatAreNotAscii_areDecoded() {
    interner.intern("\uffc3\uffa9");

    String decoded = decode("\u00e9");

    assertThat(decoded).isEqualTo("\u00e9");
  }

  @Test
  void intern_bytesOfManyTexts_areEqual() {
    boolean allEqual = IntStream.range(0, 100_000)
        .map(index -> index * 7 % 40_000)
        .mapToObj(index -> (index % 3 == 0 ? "\u00e9" : "") + index)
        .allMatch(text -> decode(text).equals(text));

    assertThat(allEqual).isTrue();
  }

  @Test
  void intern_equalMapInTheSameOrder_isTheCachedOne() {
    Map<String, String> first = interner.intern(ordered("zone", "a", "port", "1"));

    Map<String, String> second = interner.intern(ordered("zone", "a", "port", "1"));

    assertThat(second).isSameAs(first).isEqualTo(Map.of("zone", "a", "port", "1"));
  }

  /** The order of metadata must be preserved. */
  @Test
  void intern_equalMapInAnotherOrder_keepsItsOrder() {
    interner.intern(ordered("zone", "a", "port", "1"));

    Map<String, String> second = interner.intern(ordered("port", "1", "zone", "a"));

    assertThat(second.keySet()).containsExactly("port", "zone");
  }

  @Test
  void intern_mapOfManyEntriesOrMuchText_isNotCached() {
    Map<String, String> many = new LinkedHashMap<>();
    IntStream.range(0, 9).forEach(index -> many.put("k" + index, ""));
    Map<String, String> much = Map.of("k", "x".repeat(256));

    assertThat(interner.intern(many)).isNotSameAs(interner.intern(many)).isEqualTo(many);
    assertThat(interner.intern(much)).isNotSameAs(interner.intern(much)).isEqualTo(much);
  }

  @Test
  void intern_moreMapsThanSlots_areEqual() {
    boolean allEqual = IntStream.range(0, 20_000)
        .map(index -> index % 10_000)
        .mapToObj(index -> Map.of("k", Integer.toString(index)))
        .allMatch(map -> interner.intern(map).equals(map));

    assertThat(allEqual).isTrue();
  }

  private static Map<String, String> ordered(
      String key, String value, String nextKey, String nextValue) {
    Map<String, String> map = new LinkedHashMap<>();
    map.put(fresh(key), fresh(value));
    map.put(fresh(nextKey), fresh(nextValue));
    return map;
  }

  private String decode(String text) {
    byte[] bytes = ("<" + text + ">").getBytes(UTF_8);
    return interner.intern(bytes, 1, bytes.length - 2);
  }

  private static String fresh(String text) {
    return String.valueOf(text.toCharArray());
  }
}
