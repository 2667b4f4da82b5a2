// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.model;

import org.jspecify.annotations.Nullable;

/**
 * One change replicated by a peer (spec §5.1). Members that the action requires may be missing; the
 * receiver validates each item by itself.
 *
 * @param action null if absent or unknown
 * @param app as sent, in any case; may be empty
 * @param id may be empty
 * @param dirtyMs dirty timestamp of the instance at the peer, epoch ms; null if absent
 * @param status of the instance, or its new status; null if absent or not an exact name
 * @param overriddenStatus status override at the peer; null if absent or not an exact name
 * @param instance the registered instance; null if absent or malformed
 */
public record ReplicationItem(
    @Nullable Action action,
    String app,
    String id,
    @Nullable Long dirtyMs,
    @Nullable InstanceStatus status,
    @Nullable InstanceStatus overriddenStatus,
    @Nullable InstanceInfo instance) {

  /** The kind of change, with its name in the protocol. */
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

    /** Returns the action with exactly this name, or null. */
    public static @Nullable Action named(String wireName) {
      for (Action action : values()) {
        if (action.wireName.equals(wireName)) {
          return action;
        }
      }
      return null;
    }
  }
}
