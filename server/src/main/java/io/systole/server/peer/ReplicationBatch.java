// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.systole.protocol.codec.DocumentLimits;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.ReplicationItem;
import io.systole.protocol.model.ReplicationItem.Action;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The items of one request to a peer, in the order in which it must apply them. */
final class ReplicationBatch {
  /**
   * An item and the slot of its lease.
   *
   * @param isFromLog false if the item stands for the state of the slot and not for a change
   */
  record Entry(ReplicationItem item, int slot, boolean isFromLog) {}

  /** Estimated bytes of an item beside its instance. */
  private static final long ITEM_BYTES = 160;

  /**
   * Maximum bytes of one result on average, beside one instance of any size. A Systole node returns
   * 128 KiB of instances at most; a stock server returns the instance with each 409. The items of a
   * response that is larger are sent again in smaller batches.
   */
  private static final int RESULT_BYTES_MAX = 4 * 1024;

  private final List<Entry> entries = new ArrayList<>();

  /** The index of the last change of each instance. */
  private final Map<InstanceKey, Integer> lastChange = new HashMap<>();

  private final int itemsMax;
  private final long bytesMax;
  private long sizeBytes;

  ReplicationBatch(int itemsMax, long bytesMax) {
    this.itemsMax = itemsMax;
    this.bytesMax = bytesMax;
  }

  /**
   * Returns an item. Stock servers send no timestamp with a cancel and ignore it; a Systole node
   * keeps an instance that has registered again meanwhile.
   */
  static ReplicationItem item(
      Action action, InstanceInfo document, @Nullable InstanceStatus override) {
    return new ReplicationItem(
        action,
        document.app(),
        document.id(),
        document.lastDirtyMs(),
        action == Action.CANCEL ? null : document.status(),
        override,
        action == Action.REGISTER ? document : null);
  }

  /** Returns whether no item can be added. */
  boolean isFull() {
    return entries.size() >= itemsMax || sizeBytes >= bytesMax;
  }

  /**
   * Adds a change. If the previous change of its instance has the same action, one of the two
   * remains: the later one, or the cancel of the later registration.
   *
   * @return whether only one remains
   */
  boolean addChange(ReplicationItem item, int slot) {
    InstanceKey key = new InstanceKey(item.app(), item.id());
    Entry added = new Entry(item, slot, true);
    Integer last = lastChange.get(key);
    if (last != null && entries.get(last).item().action() == item.action()) {
      if (!isOlderCancel(item, entries.get(last).item())) {
        sizeBytes += sizeBytes(item) - sizeBytes(entries.set(last, added).item());
      }
      return true;
    }
    lastChange.put(key, entries.size());
    append(added);
    return false;
  }

  /** An earlier registration that another peer still had may have been cancelled last. */
  private static boolean isOlderCancel(ReplicationItem item, ReplicationItem previous) {
    return item.action() == Action.CANCEL
        && item.dirtyMs() != null
        && previous.dirtyMs() != null
        && item.dirtyMs() < previous.dirtyMs();
  }

  /**
   * Returns whether the batch renews the lease of the instance, as every change but a cancel does.
   * After a cancel here, a peer may have registered the instance again.
   */
  boolean renews(InstanceKey key) {
    Integer last = lastChange.get(key);
    return last != null && entries.get(last).item().action() != Action.CANCEL;
  }

  /** Adds an item for the state of a slot. */
  void addState(ReplicationItem item, int slot) {
    append(new Entry(item, slot, false));
  }

  private void append(Entry entry) {
    entries.add(entry);
    sizeBytes += sizeBytes(entry.item());
  }

  private static long sizeBytes(ReplicationItem item) {
    return ITEM_BYTES + (item.instance() == null ? 0 : item.instance().sizeBytes());
  }

  /** Returns the maximum size of the response's body. */
  int responseBytesMax() {
    return DocumentLimits.INSTANCE_BYTES_MAX + entries.size() * RESULT_BYTES_MAX;
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  int size() {
    return entries.size();
  }

  List<Entry> entries() {
    return entries;
  }

  List<ReplicationItem> items() {
    return entries.stream().map(Entry::item).toList();
  }
}
