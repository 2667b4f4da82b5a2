// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import org.jspecify.annotations.Nullable;

/**
 * The sender of a request that ended or extended a lease, for the logs of recent events. Longer
 * texts are cut to {@link #CHARS_MAX} characters, which bounds the memory of the logs.
 *
 * @param principal the name of its credential; null if the node requires none
 * @param from its address and port
 */
public record Requester(@Nullable String principal, String from) {
  /** The maximum number of characters of each text. */
  public static final int CHARS_MAX = 200;

  public Requester {
    principal = principal == null ? null : cut(principal);
    from = cut(from);
  }

  private static String cut(String text) {
    return text.length() <= CHARS_MAX ? text : text.substring(0, CHARS_MAX);
  }
}
