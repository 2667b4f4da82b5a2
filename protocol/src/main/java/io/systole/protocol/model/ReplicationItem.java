// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.model;

import org.jspecify.annotations.Nullable;

/**
 * One change that a peer passes on (spec §5.1). What an action needs may be missing: the receiver
 * answers each item for itself.
 *
 * @param action null when it is absent, or one that we don't know
 * @param app as sent, in any case; may be empty
 * @param id may be empty
 * @param dirtyMs the peer's version of the document, epoch ms
 * @param status of the instance, or what it shall become; null also when it is no exact name
 * @param overriddenStatus what the peer insists on; null also when it is no exact name
 * @param instance the whole document of a registration; null also when it could not be read
 */
public record ReplicationItem(
    @Nullable Action action,
    String app,
    String id,
    @Nullable Long dirtyMs,
    @Nullable InstanceStatus status,
    @Nullable InstanceStatus overriddenStatus,
    @Nullable InstanceInfo instance) {

  /** What happened at the peer, and the name by which it says so. */
  public enum Action {
    HEARTBEAT("Heartbeat"),
    REGISTER("Register"),
    CANCEL("Cancel"),
    STATUS_UPDATE("StatusUpdate"),
    DELETE_STATUS_OVERRIDE("DeleteStatusOverride");

    private final String wireName;

    Action(String wireName) {
      this.wireName = wireName;
    }

    public String wireName() {
      return wireName;
    }

    /** Returns the action of exactly this name, or null. */
    public static @Nullable Action exactly(String wireName) {
      for (Action action : values()) {
        if (action.wireName.equals(wireName)) {
          return action;
        }
      }
      return null;
    }
  }
}
