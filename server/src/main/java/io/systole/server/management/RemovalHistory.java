// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.registry.Change.Cause;
import io.systole.server.registry.Origin;
import org.jspecify.annotations.Nullable;

/** The removals that precede the retained changes. May block for seconds. */
@FunctionalInterface
public interface RemovalHistory {
  /**
   * The removal of an instance.
   *
   * @param atMs wall clock, epoch ms
   */
  record RemovalDescription(long atMs, Cause cause, Origin origin) {}

  /** An empty history. */
  RemovalHistory NONE = key -> null;

  /** Returns the last known removal of this instance, or null. */
  @Nullable
  RemovalDescription lastKnown(InstanceKey key);
}
