// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.model;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An immutable map in insertion order, backed by one flat array.
 *
 * <p>A registry holds one map per instance, and a linked hash map takes four times the memory.
 * Lookup is linear, since metadata usually has a handful of entries.
 */
public final class StringMap extends AbstractMap<String, String> {
  /** Key, value, key, value. */
  private final String[] pairs;

  private StringMap(String[] pairs) {
    this.pairs = pairs;
  }

  /**
   * Returns an immutable copy with well-formed text, or {@code source} itself if it is a
   * {@code StringMap}. If keys become equal, the last one wins.
   */
  public static Map<String, String> copyOf(Map<String, String> source) {
    if (source instanceof StringMap) {
      return source;
    }
    if (source.isEmpty()) {
      return Map.of();
    }
    Map<String, String> distinct = hasIllFormedKey(source) ? withWellFormedKeys(source) : source;
    String[] pairs = new String[2 * distinct.size()];
    int index = 0;
    for (Map.Entry<String, String> entry : distinct.entrySet()) {
      pairs[index++] = entry.getKey();
      pairs[index++] = WellFormedText.wellFormed(entry.getValue());
    }
    return new StringMap(pairs);
  }

  /**
   * Returns a map of the alternating keys and values, which must be well-formed text and are not
   * copied; null if a key occurs twice.
   */
  public static @Nullable StringMap ofDistinct(String[] pairs) {
    for (int later = 2; later < pairs.length; later += 2) {
      for (int index = 0; index < later; index += 2) {
        if (pairs[index].equals(pairs[later])) {
          return null;
        }
      }
    }
    return new StringMap(pairs);
  }

  /**
   * Returns whether both have the same entries in the same order; {@link #equals} ignores order.
   */
  public boolean isSameInOrder(@Nullable StringMap other) {
    return other != null && Arrays.equals(pairs, other.pairs);
  }

  /** Returns a hash code consistent with {@link #isSameInOrder}. */
  public int orderedHashCode() {
    return Arrays.hashCode(pairs);
  }

  private static boolean hasIllFormedKey(Map<String, String> source) {
    for (String key : source.keySet()) {
      if (!key.equals(WellFormedText.wellFormed(key))) {
        return true;
      }
    }
    return false;
  }

  private static Map<String, String> withWellFormedKeys(Map<String, String> source) {
    Map<String, String> wellFormed = new LinkedHashMap<>();
    source.forEach((key, value) -> wellFormed.put(WellFormedText.wellFormed(key), value));
    return wellFormed;
  }

  @Override
  public @Nullable String get(@Nullable Object key) {
    for (int index = 0; index < pairs.length; index += 2) {
      if (pairs[index].equals(key)) {
        return pairs[index + 1];
      }
    }
    return null;
  }

  @Override
  public boolean containsKey(@Nullable Object key) {
    return get(key) != null;
  }

  @Override
  public Set<Entry<String, String>> entrySet() {
    return new Entries();
  }

  private final class Entries extends AbstractSet<Entry<String, String>> {
    @Override
    public int size() {
      return pairs.length / 2;
    }

    @Override
    public Iterator<Entry<String, String>> iterator() {
      return new Iterator<>() {
        private int index;

        @Override
        public boolean hasNext() {
          return index < pairs.length;
        }

        @Override
        public Entry<String, String> next() {
          if (!hasNext()) {
            throw new NoSuchElementException("no entry after " + size());
          }
          index += 2;
          return Map.entry(pairs[index - 2], pairs[index - 1]);
        }
      };
    }
  }
}
