// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.protocol.model.InstanceInfo;
import io.systole.server.route.Request;
import org.jspecify.annotations.Nullable;

/** A case-insensitive search for a part of a name. Immutable. */
final class TextSearch {
  /** Limit on characters: the search takes as long as their number times that of the names. */
  static final int CHARS_MAX = 200;

  /** In upper case as far as single characters have one. */
  private final char[] part;

  /** The first character of the part in lower case. */
  private final char first;

  private TextSearch(String part) {
    this.part = new char[part.length()];
    for (int i = 0; i < part.length(); i++) {
      this.part[i] = Character.toUpperCase(part.charAt(i));
    }
    this.first = part.isEmpty() ? 0 : Character.toLowerCase(part.charAt(0));
  }

  /** Returns the search for the parameter {@code search}; absent or empty, it finds everything. */
  static TextSearch of(Request request) {
    String part = request.query().first("search");
    if (part != null && part.length() > CHARS_MAX) {
      throw new QueryRules.InvalidQueryException(
          "search has " + part.length() + " characters, at most " + CHARS_MAX + " are allowed.");
    }
    return new TextSearch(part == null ? "" : part);
  }

  /** Returns whether the application, the id, the host name or the IP address matches. */
  boolean matches(InstanceInfo instance) {
    return matches(instance.app())
        || matches(instance.id())
        || matches(instance.hostName())
        || matches(instance.ipAddr());
  }

  /** Returns whether the text contains the searched part. */
  boolean matches(@Nullable String text) {
    if (part.length == 0) {
      return true;
    }
    if (text == null) {
      return false;
    }
    // The first character is searched in both cases, each with a vectorized search of the text.
    boolean hasCase = first != part[0];
    int upperAt = text.indexOf(part[0]);
    int lowerAt = hasCase ? text.indexOf(first) : -1;
    while (upperAt >= 0 || lowerAt >= 0) {
      boolean isUpper = lowerAt < 0 || (upperAt >= 0 && upperAt < lowerAt);
      int from = isUpper ? upperAt : lowerAt;
      if (from + part.length > text.length()) {
        return false;
      }
      if (isAt(from, text)) {
        return true;
      }
      if (isUpper) {
        upperAt = text.indexOf(part[0], from + 1);
      } else {
        lowerAt = text.indexOf(first, from + 1);
      }
    }
    return false;
  }

  private boolean isAt(int from, String text) {
    int matched = 1;
    while (matched < part.length && upper(text.charAt(from + matched)) == part[matched]) {
      matched++;
    }
    return matched == part.length;
  }

  private static char upper(char c) {
    if (c < 128) {
      return c >= 'a' && c <= 'z' ? (char) (c - ('a' - 'A')) : c;
    }
    return Character.toUpperCase(c);
  }
}
