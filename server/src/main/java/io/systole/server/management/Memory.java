// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.protocol.model.InstanceKey;
import org.jspecify.annotations.Nullable;

/** Remembers who went longer than the registry tells it. May take seconds. */
public interface Memory {
  /** Remembers nothing. */
  Memory NONE = new Memory() {
    @Override
    public boolean isKept() {
      return false;
    }

    @Override
    public @Nullable Departure lastKnown(InstanceKey key) {
      return null;
    }
  };

  /** Whether there is any. */
  boolean isKept();

  /** How this instance went the last time; null when nobody knows. */
  @Nullable
  Departure lastKnown(InstanceKey key);
}
