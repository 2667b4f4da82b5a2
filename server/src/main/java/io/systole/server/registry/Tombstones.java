// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Recently removed instances, which reject registrations older than their removal. Guarded by the
 * writer's monitor.
 */
final class Tombstones {
  /**
   * A removed instance.
   *
   * @param dirtyMs the dirty timestamp of the removed document
   * @param atNs the time of the removal, monotonic
   */
  private record Tombstone(long dirtyMs, long atNs) {}

  private final long retentionNs;
  private final int tombstonesMax;

  /** Oldest first. */
  private final Map<InstanceKey, Tombstone> byKey = new LinkedHashMap<>();

  /**
   * @param retentionMs how long a tombstone is kept; 0 disables tombstones
   * @param tombstonesMax the maximum number; the oldest is dropped first
   */
  Tombstones(long retentionMs, int tombstonesMax) {
    this.retentionNs = TimeUnit.MILLISECONDS.toNanos(retentionMs);
    this.tombstonesMax = tombstonesMax;
  }

  /** Adds a removed instance. */
  void add(InstanceInfo removed, long nowNs) {
    if (retentionNs == 0) {
      return;
    }
    byKey.remove(removed.key());
    byKey.put(removed.key(), new Tombstone(removed.lastDirtyMs(), nowNs));
    Iterator<Tombstone> oldest = byKey.values().iterator();
    while (byKey.size() > tombstonesMax || nowNs - oldest.next().atNs > retentionNs) {
      removeFirst();
      oldest = byKey.values().iterator();
    }
  }

  private void removeFirst() {
    Iterator<InstanceKey> keys = byKey.keySet().iterator();
    keys.next();
    keys.remove();
  }

  /**
   * Returns whether a registration is no newer than the removed document; a newer one clears the
   * tombstone.
   */
  boolean isOutdated(InstanceInfo incoming, long nowNs) {
    Tombstone tombstone = byKey.get(incoming.key());
    if (tombstone == null) {
      return false;
    }
    boolean isOutdated =
        incoming.lastDirtyMs() <= tombstone.dirtyMs && nowNs - tombstone.atNs <= retentionNs;
    if (!isOutdated) {
      byKey.remove(incoming.key());
    }
    return isOutdated;
  }
}
