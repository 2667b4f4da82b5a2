// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The form-encoded parameters of a query: separated by '&amp;', '+' for a space, percent-encoded
 * UTF-8. Names are case-sensitive, a name without '=' has an empty value, and empty pairs are
 * skipped. Immutable.
 */
public final class QueryParameters {
  public static final QueryParameters EMPTY = new QueryParameters(List.of());

  private final List<Map.Entry<String, String>> pairs;

  private QueryParameters(List<Map.Entry<String, String>> pairs) {
    this.pairs = pairs;
  }

  /**
   * Parses the query {@code bytes[from, to)}, without the '?'; {@code from} is -1 if there is no
   * query.
   *
   * @throws HttpParseException 400 for an incomplete escape, for U+0000, for invalid UTF-8; the
   *     offset counts from {@code from}
   */
  public static QueryParameters of(byte[] bytes, int from, int to) throws HttpParseException {
    if (from >= to) {
      return EMPTY;
    }
    List<Map.Entry<String, String>> pairs = new ArrayList<>(4);
    int start = from;
    while (start < to) {
      int equals = to;
      int end = start;
      while (end < to && bytes[end] != '&') {
        if (bytes[end] == '=' && equals == to) {
          equals = end;
        }
        end++;
      }
      if (end > start) {
        int nameEnd = Math.min(equals, end);
        String name = PercentDecoding.decode(bytes, start, nameEnd, from, true);
        String value = PercentDecoding.decode(bytes, Math.min(nameEnd + 1, end), end, from, true);
        pairs.add(Map.entry(name, value));
      }
      start = end + 1;
    }
    return new QueryParameters(Collections.unmodifiableList(pairs));
  }

  /** Returns the first value of the parameter, which may be empty, or null. */
  public @Nullable String first(String name) {
    for (Map.Entry<String, String> pair : pairs) {
      if (pair.getKey().equals(name)) {
        return pair.getValue();
      }
    }
    return null;
  }

  /** Returns all parameters in order, including repeated names; unmodifiable. */
  public List<Map.Entry<String, String>> pairs() {
    return pairs;
  }
}
