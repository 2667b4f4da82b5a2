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
  /** The most frequent results, which are shared. */
  private static final ReplicationItemResponse OK = new ReplicationItemResponse(200, null);

  private static final ReplicationItemResponse NOT_FOUND = new ReplicationItemResponse(404, null);

  /** Returns a result without an instance. */
  public static ReplicationItemResponse of(int status) {
    return switch (status) {
      case 200 -> OK;
      case 404 -> NOT_FOUND;
      default -> new ReplicationItemResponse(status, null);
    };
  }
}
