// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.protocol.model.InstanceKey;
import org.jspecify.annotations.Nullable;

/** The removals that precede the retained changes. May block for seconds. */
@FunctionalInterface
public interface RemovalHistory {
  /** An empty history. */
  RemovalHistory NONE = key -> null;

  /** Returns the last known removal of this instance, or null. */
  @Nullable
  RemovalDescription lastKnown(InstanceKey key);
}
