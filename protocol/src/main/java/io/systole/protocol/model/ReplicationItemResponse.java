// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.model;

import org.jspecify.annotations.Nullable;

/**
 * The result of one {@link ReplicationItem} (spec §5.1).
 *
 * @param status HTTP status
 * @param entity the receiver's instance if it is newer than the peer's, else null
 */
public record ReplicationItemResponse(int status, @Nullable InstanceInfo entity) {
  /** Returns a result without an instance. */
  public static ReplicationItemResponse of(int status) {
    return new ReplicationItemResponse(status, null);
  }
}
