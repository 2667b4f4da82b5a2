// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.systole.protocol.model.ReplicationItem;
import org.jspecify.annotations.Nullable;

/**
 * The maximum number of items of the next batch: halved by failures, doubled by success. Confined
 * to one thread.
 */
final class BatchSize {
  /*
   * A peer refuses a batch as a whole. If the reason may be its content, the batch is halved until
   * the item is alone that the peer does not accept.
   */

  /** The consequence of a refused batch. */
  enum Refusal {
    /** The peer may accept the batch later. */
    RETRY,
    /** The peer may accept smaller batches at once. */
    SPLIT,
    /** The peer will never accept the only item of the batch. */
    DROP
  }

  /**
   * The number of times that a peer must refuse an item by itself before it is dropped. One refusal
   * may be due to a request damaged on its way, or to a peer that is about to stop.
   */
  private static final int REFUSALS_MAX = 3;

  private int itemsMax = ReplicationQueue.ITEMS_MAX;

  /** The item that the peer last refused by itself, and the number of times. */
  private @Nullable ReplicationItem refusedItem;

  private int refusals;

  int itemsMax() {
    return itemsMax;
  }

  /** Records an accepted batch. */
  void accepted() {
    itemsMax = Math.min(ReplicationQueue.ITEMS_MAX, 2 * itemsMax);
  }

  /** Records a batch without a response. */
  void failed() {
    itemsMax = Math.max(1, itemsMax / 2);
  }

  /** Records a batch that was refused with a status other than 200. */
  Refusal refused(ReplicationBatch batch, int status) {
    boolean isForContent = status == 400 || status == 413 || status == 500;
    if (!isForContent) {
      failed();
      return Refusal.RETRY;
    }
    if (batch.size() > 1) {
      itemsMax = batch.size() / 2;
      return Refusal.SPLIT;
    }
    return countRefusal(batch.items().get(0)) < REFUSALS_MAX ? Refusal.RETRY : Refusal.DROP;
  }

  /** Returns how often the peer has refused this item in succession. */
  private int countRefusal(ReplicationItem item) {
    refusals = item.equals(refusedItem) ? refusals + 1 : 1;
    refusedItem = item;
    return refusals;
  }
}
