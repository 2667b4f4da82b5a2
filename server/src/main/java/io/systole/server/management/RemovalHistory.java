// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.protocol.model.InstanceKey;
import org.jspecify.annotations.Nullable;

/** Remembers who went longer than the registry tells it. May take seconds. */
@FunctionalInterface
public interface RemovalHistory {
  /** Remembers nothing. */
  RemovalHistory NONE = key -> null;

  /** How this instance went the last time; null when nobody knows. */
  @Nullable
  RemovalDescription lastKnown(InstanceKey key);
}
