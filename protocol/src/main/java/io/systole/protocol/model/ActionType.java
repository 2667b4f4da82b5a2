// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.model;

import org.jspecify.annotations.Nullable;

/** What last happened to an instance, as a delta tells it (spec §3.3). */
public enum ActionType {
  ADDED,
  MODIFIED,
  DELETED;

  /** Returns the action of that exact, upper-case name, or null when there is none. */
  public static @Nullable ActionType exactly(@Nullable String name) {
    if (name == null) {
      return null;
    }
    return switch (name) {
      case "ADDED" -> ADDED;
      case "MODIFIED" -> MODIFIED;
      case "DELETED" -> DELETED;
      default -> null;
    };
  }
}
