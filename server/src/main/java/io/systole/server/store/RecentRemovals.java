// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.protocol.model.InstanceKey;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The most recent removals, by instance. Thread-safe. */
final class RecentRemovals {
  static final int REMOVALS_MAX = 10_000;

  private final Map<InstanceKey, Removal> latest = new LinkedHashMap<>() {
    private static final long serialVersionUID = 1;

    @Override
    protected boolean removeEldestEntry(Map.Entry<InstanceKey, Removal> eldest) {
      return size() > REMOVALS_MAX;
    }
  };

  synchronized void add(InstanceKey key, Removal removal) {
    // Removed first, so that the entry moves to the end.
    latest.remove(key);
    latest.put(key, removal);
  }

  synchronized @Nullable Removal of(InstanceKey key) {
    return latest.get(key);
  }
}
