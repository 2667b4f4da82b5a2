// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.model;

import org.jspecify.annotations.Nullable;

/** What an instance says of itself, or what an operator insists on (spec §6.1 rows 6 and 7). */
public enum InstanceStatus {
  UP,
  DOWN,
  STARTING,
  OUT_OF_SERVICE,
  UNKNOWN;

  /**
   * Returns the status of that exact, upper-case name; anything else, null too, is {@link #UNKNOWN}
   * (spec §8 row 56).
   */
  public static InstanceStatus of(@Nullable String name) {
    InstanceStatus status = exactly(name);
    return status == null ? UNKNOWN : status;
  }

  /** Returns the status of that exact, upper-case name, or null when there is none. */
  public static @Nullable InstanceStatus exactly(@Nullable String name) {
    if (name == null) {
      return null;
    }
    return switch (name) {
      case "UP" -> UP;
      case "DOWN" -> DOWN;
      case "STARTING" -> STARTING;
      case "OUT_OF_SERVICE" -> OUT_OF_SERVICE;
      case "UNKNOWN" -> UNKNOWN;
      default -> null;
    };
  }
}
