// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The {@code If-None-Match} header field (RFC 9110 §13.1.2): any entity, or a set of tags. */
public record IfNoneMatch(boolean isAny, Set<String> opaque) {
  private static final IfNoneMatch NONE = new IfNoneMatch(false, Set.of());

  /** The comparison is weak, so a {@code W/} makes no difference. */
  private static final Pattern TAG = Pattern.compile("(?:W/)?\"([^\"]*)\"");

  public static IfNoneMatch parse(@Nullable String header) {
    if (header == null) {
      return NONE;
    }
    if (header.strip().equals("*")) {
      return new IfNoneMatch(true, Set.of());
    }
    Set<String> tags = new HashSet<>();
    Matcher matcher = TAG.matcher(header);
    while (matcher.find()) {
      tags.add(matcher.group(1));
    }
    return new IfNoneMatch(false, tags);
  }

  /** Returns whether no entity is meant, so that the condition does not apply. */
  boolean isEmpty() {
    return !isAny && opaque.isEmpty();
  }

  /** Returns whether the entity with this tag, without its quotes, is meant. */
  public boolean matches(String tag) {
    return isAny || opaque.contains(tag);
  }
}
