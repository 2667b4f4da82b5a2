// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.registry.Change.Cause;
import io.systole.server.registry.Origin;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The removals and other changes that precede the retained ones. May block for seconds. */
@FunctionalInterface
public interface RemovalHistory {
  /**
   * The removal of an instance.
   *
   * @param atMs wall clock, epoch ms
   */
  record RemovalDescription(long atMs, Cause cause, Origin origin) {}

  /**
   * A change of an instance.
   *
   * @param atMs wall clock, epoch ms
   * @param status the status afterwards; null if the instance was removed
   */
  record RecordedChange(
      long version,
      long atMs,
      Cause cause,
      Origin origin,
      @Nullable InstanceStatus status) {}

  /**
   * Changes of an instance.
   *
   * @param isCut whether older ones may be missing because a part of the journal was left unread
   */
  record RecordedChanges(List<RecordedChange> newestFirst, boolean isCut) {}

  /** An empty history. */
  RemovalHistory NONE = key -> null;

  /** Returns the last known removal of this instance, or null. */
  @Nullable
  RemovalDescription lastKnown(InstanceKey key);

  /**
   * Returns the last changes of this instance before a version.
   *
   * @param limit the maximum number of changes, 1 or greater
   */
  default RecordedChanges changesBefore(InstanceKey key, long version, int limit) {
    return new RecordedChanges(List.of(), false);
  }
}
