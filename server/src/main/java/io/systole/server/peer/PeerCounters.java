// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.systole.protocol.model.ReplicationItem.Action;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/** The counters of the replication to one peer. Written by the peer thread, read by any. */
public final class PeerCounters {
  private final AtomicLongArray sent = new AtomicLongArray(Action.values().length);
  private final AtomicLong coalesced = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicLong adopted = new AtomicLong();
  private final AtomicLong batches = new AtomicLong();
  private final AtomicLong batchesFailed = new AtomicLong();
  private final AtomicLong batchNs = new AtomicLong();
  private final AtomicLong bytesSent = new AtomicLong();
  private final AtomicLong comparisons = new AtomicLong();

  void addBatch(ReplicationBatch batch, int bytes, long tookNs) {
    for (ReplicationBatch.Entry entry : batch.entries()) {
      Action action = entry.item().action();
      if (action != null) {
        sent.getAndIncrement(action.ordinal());
      }
    }
    batches.getAndIncrement();
    batchNs.addAndGet(tookNs);
    bytesSent.addAndGet(bytes);
  }

  void addFailedBatch() {
    batchesFailed.getAndIncrement();
  }

  void addCoalesced(int items) {
    coalesced.addAndGet(items);
  }

  void addFailed(int items) {
    failed.addAndGet(items);
  }

  void addAdopted() {
    adopted.getAndIncrement();
  }

  void addComparison() {
    comparisons.getAndIncrement();
  }

  /** Returns the number of items in accepted batches. */
  public long sent(Action action) {
    return sent.get(action.ordinal());
  }

  /** Returns the number of items that a later one of the same instance replaced unsent. */
  public long coalesced() {
    return coalesced.get();
  }

  /** Returns the number of items with a result other than success, or dropped with their batch. */
  public long failed() {
    return failed.get();
  }

  /** Returns the number of instances taken over because they were newer at the peer. */
  public long adopted() {
    return adopted.get();
  }

  /** Returns the number of accepted batches. */
  public long batches() {
    return batches.get();
  }

  /** Returns the number of batches without a usable response. */
  public long batchesFailed() {
    return batchesFailed.get();
  }

  /** Returns the total time from the request to the response of accepted batches. */
  public long batchNs() {
    return batchNs.get();
  }

  /** Returns the bytes of the bodies of accepted batches. */
  public long bytesSent() {
    return bytesSent.get();
  }

  /** Returns the number of completed comparisons. */
  public long comparisons() {
    return comparisons.get();
  }
}
