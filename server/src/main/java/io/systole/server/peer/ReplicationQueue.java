// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.RegistrationValidator;
import io.systole.protocol.model.ReplicationItem;
import io.systole.protocol.model.ReplicationItem.Action;
import io.systole.protocol.model.ReplicationItemResponse;
import io.systole.server.registry.Change;
import io.systole.server.registry.Change.Cause;
import io.systole.server.registry.ChangeLog;
import io.systole.server.registry.Origin;
import io.systole.server.registry.PersistedLease;
import io.systole.server.registry.Registry;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The changes and renewals that a peer has not accepted yet. Performs no I/O. Confined to one
 * thread, except {@link #lagNs}.
 */
final class ReplicationQueue {
  /*
   * Changes are not copied: the queue is a position in the change log. Renewals, and differences
   * found by a comparison, are sets of slots. So the memory of a queue is bounded by the number of
   * leases and by the bytes that the log keeps for one reader. If the position falls further
   * behind, the changes after it become slots too, so the peer receives their result instead of
   * each of them. Only cancels are lost with that, because they leave no lease here; the peer's ends
   * by itself.
   *
   * A comparison could not replace those slots. The dirty timestamp identifies the newer of two
   * registrations, but not of two overrides or of two states of metadata (spec §3.4), so two nodes
   * that compare each other at the same time would exchange them.
   *
   * While a batch is in flight, its slots have left the sets, and the position has not moved.
   */

  /** Items of a batch, as stock servers send (spec §5.3). */
  static final int ITEMS_MAX = 250;

  /** Half of the default of --max-body-size, as the last item of a batch may exceed it. */
  static final long BATCH_BYTES_MAX = 512 * 1024;

  /** Changes read for one batch, most of which may not have to be replicated. */
  private static final int CHANGES_READ_MAX = 10_000;

  private final Registry registry;
  private final ChangeLog log;
  private final PeerCounters counters;

  /**
   * The last change that the peer has accepted, or the last before the queue. Volatile, as any
   * thread may read the lag.
   */
  private volatile Change position;

  /** True until the peer was compared. */
  private boolean isComparisonDue = true;

  /** The position after the batch in flight, or null if the position does not depend on it. */
  private @Nullable Change batchEnd;

  private final DueSlots due;

  /**
   * Creates a queue whose peer must be compared first. Changes from now on are sent after that, so
   * that a cancel made meanwhile is not lost.
   */
  ReplicationQueue(Registry registry, PeerCounters counters) {
    this.registry = registry;
    this.log = registry.changes();
    this.counters = counters;
    this.position = log.last();
    this.due = new DueSlots(registry);
  }

  /** Returns whether the peer must be compared before the next batch. */
  boolean isComparisonDue() {
    return isComparisonDue;
  }

  /**
   * If the peer is further behind than the log retains for one reader, replaces its unsent changes
   * with the current state of those instances. Only cancels are lost. To be called periodically,
   * also while the peer is down.
   */
  void limitLag() {
    if (!log.isFarBehind(position)) {
      return;
    }
    Change last = position;
    for (Change change = last.next(); change != null; change = change.next()) {
      last = change;
      if (isReplicated(change) && !change.isRemoval()) {
        addResult(change);
      }
    }
    position = last;
    batchEnd = null;
  }

  private void addResult(Change change) {
    if (change.cause() == Cause.REGISTRATION) {
      due.addRegistrationDue(change.slot());
    } else {
      due.addOverrideDue(change.slot());
    }
  }

  /** Continues after a comparison, whose newer instances are adopted separately. */
  void resume(RegistryComparison.Difference difference) {
    isComparisonDue = false;
    due.add(difference);
  }

  /** Drops everything; the peer must be compared. */
  void clear() {
    position = log.last();
    isComparisonDue = true;
    batchEnd = null;
    due.clear();
  }

  /** Adds renewed slots, as words of a bit set. */
  void addRenewalsDue(long[] words) {
    counters.addCoalesced(due.addRenewalsDue(words));
  }

  /**
   * Returns the next batch, or null if nothing is due. Must not be called while a batch is in
   * flight, nor while a comparison is due.
   *
   * @param itemsMax at most {@link #ITEMS_MAX}
   */
  @Nullable
  ReplicationBatch next(int itemsMax) {
    if (isComparisonDue) {
      throw new IllegalStateException("comparison due");
    }
    ReplicationBatch batch = new ReplicationBatch(itemsMax, BATCH_BYTES_MAX);
    batchEnd = addChanges(batch, position);
    due.moveTo(batch);
    if (batch.isEmpty()) {
      advance();
      return null;
    }
    return batch;
  }

  /** Adds the changes after {@code start}; returns the last one read. */
  private Change addChanges(ReplicationBatch batch, Change start) {
    Change last = start;
    for (int read = 0; read < CHANGES_READ_MAX && !batch.isFull(); read++) {
      Change change = last.next();
      if (change == null) {
        break;
      }
      last = change;
      ReplicationItem item = itemOf(change);
      if (item != null && batch.addChange(item, change.slot())) {
        counters.addCoalesced(1);
      }
    }
    return last;
  }

  /** Returns the item for a change, or null if it is not replicated (spec §5.3). */
  private static @Nullable ReplicationItem itemOf(Change change) {
    if (!isReplicated(change)) {
      return null;
    }
    InstanceInfo document = change.document();
    if (change.isRemoval()) {
      return ReplicationBatch.item(Action.CANCEL, document, null);
    }
    // A status update sets override and status to one value; a member may have sent two.
    boolean isStatusUpdate = change.override() == null || change.override() == document.status();
    if (change.cause() == Cause.REGISTRATION || !isStatusUpdate) {
      return ReplicationBatch.item(Action.REGISTER, document, null);
    }
    return ReplicationBatch.item(
        change.override() == null ? Action.DELETE_STATUS_OVERRIDE : Action.STATUS_UPDATE,
        document,
        null);
  }

  /** Evictions of expired leases are not replicated: each peer evicts by itself. */
  private static boolean isReplicated(Change change) {
    return switch (change.origin()) {
      case CLIENT, OPERATOR -> true;
      case MEMBER -> change.cause() != Cause.EVICTION;
      case PEER, NODE, MEMBER_PEER -> false;
    };
  }

  /** Requeues a batch that was not accepted; its changes will be read from the log again. */
  void failed(ReplicationBatch batch) {
    due.putBack(batch);
    batchEnd = null;
  }

  /** Drops a batch that the peer will never accept. */
  void drop(ReplicationBatch batch) {
    counters.addFailed(batch.size());
    advance();
  }

  /** Moves the position past the batch in flight, unless it is past it already. */
  private void advance() {
    if (batchEnd != null) {
      position = batchEnd;
      batchEnd = null;
    }
  }

  /**
   * Records the results of a batch (spec §5.4).
   *
   * @param results one for each item, in order
   */
  void accepted(ReplicationBatch batch, List<ReplicationItemResponse> results) {
    advance();
    List<ReplicationBatch.Entry> entries = batch.entries();
    for (int i = 0; i < entries.size(); i++) {
      ReplicationItemResponse result = results.get(i);
      boolean isSuccess = result.status() >= 200 && result.status() < 300;
      if (!isSuccess) {
        counters.addFailed(1);
        refused(entries.get(i), result);
      }
    }
  }

  private void refused(ReplicationBatch.Entry entry, ReplicationItemResponse result) {
    Action action = entry.item().action();
    InstanceInfo newer = result.entity();
    if (action == Action.HEARTBEAT && newer != null) {
      adopt(newer);
    } else if (result.status() == 404 && isStillInSlot(entry)) {
      if (action == Action.HEARTBEAT) {
        due.addRegistrationDue(entry.slot());
      } else if (entry.isFromLog() && action != Action.CANCEL) {
        // The lease has ended there, or has expired and a heartbeat would revive it unchanged.
        due.addOverrideDue(entry.slot());
      }
    }
  }

  /** Returns whether the slot of the entry still has the lease of its instance. */
  private boolean isStillInSlot(ReplicationBatch.Entry entry) {
    PersistedLease lease = registry.leaseAt(entry.slot());
    ReplicationItem item = entry.item();
    return lease != null && lease.instance().key().equals(new InstanceKey(item.app(), item.id()));
  }

  /** Takes over a peer's instance that is newer than the one here. */
  void adopt(InstanceInfo newer) {
    if (RegistrationValidator.refusalOf(newer, newer.app()) != null) {
      return;
    }
    InstanceKey key = newer.key();
    registry.statusOverrides().adopt(key, newer.overriddenStatus());
    registry.register(newer, Origin.PEER);
    counters.addAdopted();
  }

  /** Returns whether a batch is due. */
  boolean hasWork() {
    return isComparisonDue || position.next() != null || !due.isEmpty();
  }

  /**
   * Returns the age of the oldest change that the peer has not accepted, 0 if there is none.
   * Thread-safe.
   */
  long lagNs(long nowNs) {
    Change next = position.next();
    return next == null ? 0 : Math.max(0, nowNs - next.atNs());
  }

  /** Returns the number of slots with a renewal or a difference to send. */
  int dueSlots() {
    return due.count();
  }
}
