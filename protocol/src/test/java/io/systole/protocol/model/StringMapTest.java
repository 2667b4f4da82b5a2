// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

class StringMapTest {

  @Test
  void copyOf_aMap_hasItsEntriesInOrder() {
    Map<String, String> source = new LinkedHashMap<>();
    source.put("b", "1");
    source.put("", "2");
    source.put("a", "");

    Map<String, String> copy = StringMap.copyOf(source);
    source.put("c", "3");

    assertThat(copy)
        .containsExactly(Map.entry("b", "1"), Map.entry("", "2"), Map.entry("a", ""))
        .isEqualTo(Map.of("b", "1", "", "2", "a", ""))
        .hasSameHashCodeAs(Map.of("b", "1", "", "2", "a", ""));
    assertThat(copy.get("")).isEqualTo("2");
    assertThat(copy.get("1")).isNull();
    assertThat(copy.containsKey("a")).isTrue();
    assertThat(copy.containsKey("c")).isFalse();
  }

  @Test
  void copyOf_aCopyOrNothing_isShared() {
    Map<String, String> copy = StringMap.copyOf(Map.of("k", "v"));

    assertThat(StringMap.copyOf(copy)).isSameAs(copy);
    assertThat(StringMap.copyOf(new LinkedHashMap<>())).isSameAs(Map.of());
  }

  @Test
  void isSameInOrder_ofEqualMaps_requiresTheSameOrder() {
    StringMap map = (StringMap) StringMap.copyOf(ordered("a", "b"));
    StringMap same = (StringMap) StringMap.copyOf(ordered("a", "b"));
    StringMap reversed = (StringMap) StringMap.copyOf(ordered("b", "a"));

    assertThat(map.isSameInOrder(same)).isTrue();
    assertThat(map.orderedHashCode()).isEqualTo(same.orderedHashCode());
    assertThat(map.isSameInOrder(reversed)).isFalse();
    assertThat(map.isSameInOrder(null)).isFalse();
    assertThat(map).isEqualTo(reversed);
  }

  @Test
  void changes_toACopy_areRefused() {
    Map<String, String> copy = StringMap.copyOf(Map.of("k", "v"));
    var entries = copy.entrySet().iterator();
    var entry = entries.next();

    assertThatThrownBy(() -> copy.put("k", "w")).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(copy::clear).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(entries::remove).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> entry.setValue("w")).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(entries::next).isInstanceOf(NoSuchElementException.class);
    assertThat(copy).containsExactly(Map.entry("k", "v"));
  }

  /** Otherwise documents would contain a member twice. */
  @Test
  void copyOf_keysThatBecomeEqual_keepsTheLast() {
    Map<String, String> source = new LinkedHashMap<>();
    source.put("\ud83d", "first");
    source.put("a", "other");
    source.put("\ude00", "last");

    Map<String, String> copy = StringMap.copyOf(source);

    assertThat(copy).hasSize(2).containsEntry("\ufffd", "last").containsEntry("a", "other");
    assertThat(copy.entrySet()).extracting(Map.Entry::getKey).containsExactly("\ufffd", "a");
  }

  private static Map<String, String> ordered(String first, String second) {
    Map<String, String> map = new LinkedHashMap<>();
    map.put(first, "v");
    map.put(second, "v");
    return map;
  }

  @Test
  void ofDistinct_distinctKeys_isTheMap() {
    Map<String, String> map = StringMap.ofDistinct(new String[] {"b", "1", "a", "1"});

    assertThat(map).containsExactly(Map.entry("b", "1"), Map.entry("a", "1"));
  }

  @Test
  void ofDistinct_duplicateKey_isNull() {
    assertThat(StringMap.ofDistinct(new String[] {"a", "1", "b", "2", "a", "3"}))
        .isNull();
  }
}
