// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.ReplicationItem;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** An item of a replication batch: a plain heartbeat as positions in the body, or any item. */
public sealed interface BatchItem {
  /**
   * A heartbeat whose application and id are ASCII without escapes.
   *
   * @param appFrom index of the application's first byte in the body
   * @param appTo index after the application's last byte, greater than {@code appFrom}
   * @param idFrom index of the id's first byte
   * @param idTo index after the id's last byte, greater than {@code idFrom}
   * @param dirtyMs dirty timestamp of the instance at the peer, epoch ms, 0 or more; or
   *     {@link #NO_TIMESTAMP}
   * @param overriddenStatus status override at the peer; null if absent or not an exact name
   */
  record Heartbeat(
      int appFrom,
      int appTo,
      int idFrom,
      int idTo,
      long dirtyMs,
      @Nullable InstanceStatus overriddenStatus)
      implements BatchItem {
    public static final long NO_TIMESTAMP = -1;

    /** Returns the application in the case that was sent. */
    public String app(byte[] body) {
      return text(body, appFrom, appTo);
    }

    public String id(byte[] body) {
      return text(body, idFrom, idTo);
    }

    private static String text(byte[] body, int from, int to) {
      return new String(body, from, to - from, StandardCharsets.US_ASCII);
    }
  }

  /** An item of any kind and form. */
  record Decoded(ReplicationItem item) implements BatchItem {}
}
