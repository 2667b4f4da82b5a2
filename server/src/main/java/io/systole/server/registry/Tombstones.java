// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Instances that are gone, for a while: a registration that was written before they went does not
 * bring them back. Guarded by the registrar's monitor.
 */
final class Tombstones {
  /**
   * One of them.
   *
   * @param dirtyMs version of the document that went
   * @param atNs when it went, monotonic
   */
  private record Tombstone(long dirtyMs, long atNs) {}

  private final long retentionNs;
  private final int tombstonesMax;

  /** Oldest first. */
  private final Map<InstanceKey, Tombstone> byKey = new LinkedHashMap<>();

  /**
   * @param keptMs how long one stands, 0 for none at all
   * @param tombstonesMax how many stand at most; the oldest makes way
   */
  Tombstones(long keptMs, int tombstonesMax) {
    this.retentionNs = TimeUnit.MILLISECONDS.toNanos(keptMs);
    this.tombstonesMax = tombstonesMax;
  }

  /** Remembers an instance that goes. */
  void add(InstanceInfo gone, long nowNs) {
    if (retentionNs == 0) {
      return;
    }
    byKey.remove(gone.key());
    byKey.put(gone.key(), new Tombstone(gone.lastDirtyMs(), nowNs));
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
   * Whether a registration is no newer than the document that went; one that is ends the matter.
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
