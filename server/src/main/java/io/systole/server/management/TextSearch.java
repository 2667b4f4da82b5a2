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

  private TextSearch(String part) {
    this.part = new char[part.length()];
    for (int i = 0; i < part.length(); i++) {
      this.part[i] = Character.toUpperCase(part.charAt(i));
    }
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
    int last = text.length() - part.length;
    for (int from = 0; from <= last; from++) {
      int matched = 0;
      while (matched < part.length && upper(text.charAt(from + matched)) == part[matched]) {
        matched++;
      }
      if (matched == part.length) {
        return true;
      }
    }
    return false;
  }

  private static char upper(char c) {
    if (c < 128) {
      return c >= 'a' && c <= 'z' ? (char) (c - ('a' - 'A')) : c;
    }
    return Character.toUpperCase(c);
  }
}
