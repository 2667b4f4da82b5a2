// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.registry.Change.Cause;
import io.systole.server.registry.Origin;
import org.jspecify.annotations.Nullable;

/** One record of the journal. */
public sealed interface JournalEntry {
  /** The version of the registry once it had happened. */
  long version();

  /** When it happened, epoch ms by the wall clock of then. */
  long atMs();

  /**
   * An instance changed, or went.
   *
   * @param override the status insisted on afterwards, null when nobody did
   * @param document the instance afterwards; null when it is gone
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
   * An instance changed, and its document is too large for a record. A start begins without the
   * instance, which is answered 404 then and registers again.
   *
   * @param bytes that the record would have taken
   */
  record Omitted(long version, long atMs, Cause cause, Origin origin, InstanceKey key, long bytes)
      implements JournalEntry {}

  /**
   * A node began to write: it had started, or it could write again.
   *
   * @param leases how many it held
   */
  record WriterStarted(long version, long atMs, long leases) implements JournalEntry {}

  /**
   * Changes came faster than they could be written; a snapshot follows in their place.
   *
   * @param version the last one that is missing
   * @param fromVersion the first one
   */
  record Gap(long version, long atMs, long fromVersion) implements JournalEntry {}
}
