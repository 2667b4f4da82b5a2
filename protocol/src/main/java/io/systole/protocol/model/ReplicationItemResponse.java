// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.model;

import org.jspecify.annotations.Nullable;

/**
 * What became of one {@link ReplicationItem} (spec §5.1).
 *
 * @param status an HTTP status
 * @param entity our document, when it is newer than the peer's
 */
public record ReplicationItemResponse(int status, @Nullable InstanceInfo entity) {
  /** A reply without a document. */
  public static ReplicationItemResponse of(int status) {
    return new ReplicationItemResponse(status, null);
  }
}
