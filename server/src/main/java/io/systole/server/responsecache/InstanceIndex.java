// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import io.systole.protocol.model.AppsHashCode;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.registry.Change;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All instances as of one change, with indexes by VIP address. Not thread-safe. Cost of a change:
 * O(size of a block).
 */
final class InstanceIndex {
  private final BlockStore blockStore = new BlockStore();
  private final ApplicationGroups groups = new ApplicationGroups();
  private final VipIndex vips = new VipIndex(InstanceInfo::vipAddress);
  private final VipIndex secureVips = new VipIndex(InstanceInfo::secureVipAddress);
  private final int[] statusCounts = new int[InstanceStatus.values().length];

  /** Applies the next change. */
  void apply(Change change) {
    int slot = change.slot();
    long version = change.version();
    InstanceInfo before = blockStore.document(slot);
    InstanceInfo after = change.isRemoval() ? null : change.document();
    ApplicationBlocks appBlocks;
    if (after == null) {
      appBlocks = blockStore.remove(slot, version);
    } else if (before == null) {
      appBlocks = blockStore.add(slot, after, version);
    } else {
      appBlocks = blockStore.replace(slot, after, version);
    }
    groups.update(appBlocks);
    vips.apply(appBlocks, before, after, version);
    secureVips.apply(appBlocks, before, after, version);
    count(before, -1);
    count(after, 1);
  }

  private void count(@Nullable InstanceInfo document, int by) {
    if (document != null) {
      statusCounts[document.status().ordinal()] += by;
    }
  }

  BlockStore blockStore() {
    return blockStore;
  }

  /** Returns the applications, as they are encoded in a document of all instances. */
  ApplicationGroups groups() {
    return groups;
  }

  VipIndex vips() {
    return vips;
  }

  VipIndex secureVips() {
    return secureVips;
  }

  /** Returns {@code apps__hashcode} of all instances. */
  String appsHashCode() {
    Map<InstanceStatus, Integer> counts = new EnumMap<>(InstanceStatus.class);
    for (InstanceStatus status : InstanceStatus.values()) {
      counts.put(status, statusCounts[status.ordinal()]);
    }
    return AppsHashCode.of(counts);
  }
}
