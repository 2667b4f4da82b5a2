// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.model;

import org.jspecify.annotations.Nullable;

/**
 * What became of one {@link ReplicationItem} (spec §5.1).
 *
 * @param status an HTTP status
 * @param entity our document, when it is newer than the peer's
 */
public record ReplicationReply(int status, @Nullable InstanceInfo entity) {
  /** A reply without a document. */
  public static ReplicationReply of(int status) {
    return new ReplicationReply(status, null);
  }
}
