// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.model;

import org.jspecify.annotations.Nullable;

/** The kind of the last change of an instance, as in a delta (spec §3.3). */
public enum ActionType {
  ADDED,
  MODIFIED,
  DELETED;

  /** Returns the action type with exactly this upper-case name, or null. */
  public static @Nullable ActionType named(@Nullable String name) {
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
