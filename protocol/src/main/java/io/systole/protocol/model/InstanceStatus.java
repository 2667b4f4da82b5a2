// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.model;

import org.jspecify.annotations.Nullable;

/** The status of an instance, also used as a status override (spec §6.1 rows 6 and 7). */
public enum InstanceStatus {
  UP,
  DOWN,
  STARTING,
  OUT_OF_SERVICE,
  UNKNOWN;

  /**
   * Returns the status with exactly this upper-case name; {@link #UNKNOWN} for any other name and
   * for null (spec §8 row 56).
   */
  public static InstanceStatus of(@Nullable String name) {
    InstanceStatus status = named(name);
    return status == null ? UNKNOWN : status;
  }

  /** Returns the status with exactly this upper-case name, or null. */
  public static @Nullable InstanceStatus named(@Nullable String name) {
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
