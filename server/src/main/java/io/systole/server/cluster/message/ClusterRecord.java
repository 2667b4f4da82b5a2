// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.message;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A change or the state of one instance, as members send it to each other. Immutable. */
public sealed interface ClusterRecord {
  InstanceKey key();

  /** Returns whether the change came from a stock peer, which sends it to other peers itself. */
  boolean isByPeer();

  /**
   * REG: a lease, its document and its status override; sent for every change of one of them.
   *
   * @param document has an app and an id
   * @param override null if the instance never had one
   * @param renewalAgeMs the time since the last renewal; {@link #NO_AGE} if the lease was just
   *     registered
   */
  record RegistrationRecord(
      InstanceInfo document,
      RecordStamp stamp,
      LeaseId leaseId,
      @Nullable OverrideRegister override,
      long renewalAgeMs,
      boolean isByPeer)
      implements ClusterRecord {
    /** The age of a lease whose record is a change and not the state at some later time. */
    public static final long NO_AGE = -1;

    /** Creates a record. */
    public RegistrationRecord {
      Objects.requireNonNull(stamp, "stamp");
      Objects.requireNonNull(leaseId, "leaseId");
      if (document.app().isEmpty() || document.id().isEmpty()) {
        throw new IllegalArgumentException("document without app or id");
      }
      if (renewalAgeMs < NO_AGE) {
        throw new IllegalArgumentException("renewalAgeMs=" + renewalAgeMs + " is negative");
      }
    }

    @Override
    public InstanceKey key() {
      return document.key();
    }
  }

  /** DEL: the end of a lease, and its tombstone. */
  record RemovalRecord(InstanceKey key, RecordStamp stamp, RemovalCause cause, boolean isByPeer)
      implements ClusterRecord {
    /** Creates a record. */
    public RemovalRecord {
      Objects.requireNonNull(key, "key");
      Objects.requireNonNull(stamp, "stamp");
      Objects.requireNonNull(cause, "cause");
    }
  }
}
