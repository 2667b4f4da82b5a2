// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.registry.Change.Cause;
import io.systole.server.registry.Origin;
import org.jspecify.annotations.Nullable;

/** A record of the journal. */
public sealed interface JournalEntry {
  /** Returns the registry version after the entry. */
  long version();

  /** Returns the wall clock time at which it was recorded, epoch ms. */
  long atMs();

  /**
   * An instance was added, changed or removed.
   *
   * @param override status override afterwards, null if none
   * @param document the instance afterwards; null if removed
   */
  record Changed(
      long version,
      long atMs,
      Cause cause,
      Origin origin,
      InstanceKey key,
      @Nullable InstanceStatus override,
      @Nullable InstanceInfo document)
      implements JournalEntry {}

  /**
   * An instance changed, but its document is too large for a record. Recovery starts without the
   * instance, whose next heartbeat receives 404, so that it registers again.
   *
   * @param bytes size that the record would have had
   */
  record Omitted(long version, long atMs, Cause cause, Origin origin, InstanceKey key, long bytes)
      implements JournalEntry {}

  /**
   * A node started to write, at its start or after a failure.
   *
   * @param leases number of leases in the registry
   */
  record WriterStarted(long version, long atMs, long leases) implements JournalEntry {}

  /**
   * Changes that were dropped because the writer fell behind; a snapshot replaces them.
   *
   * @param version version of the last missing change
   * @param fromVersion version of the first missing change
   */
  record Gap(long version, long atMs, long fromVersion) implements JournalEntry {}
}
