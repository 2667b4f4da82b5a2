// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.protocol.model.EscapedText;
import io.systole.protocol.model.InstanceKey;
import io.systole.server.cluster.ClusterTombstones.Tombstone;
import io.systole.server.cluster.group.Group;
import io.systole.server.cluster.message.ClusterRecord;
import io.systole.server.cluster.message.RecordsBuilder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sender of the changes made at this member. Sends the state of each changed instance at the
 * time of sending, so several changes of one instance become one record if the network is slow.
 * Confined to {@link ReplicaThread}.
 */
final class RecordSender {
  private static final Logger LOG = LoggerFactory.getLogger(RecordSender.class);

  /** The maximum number of records built while the monitor is held once. */
  private static final int RECORD_BATCH_MAX = 100;

  private final ReplicaState state;
  private final RecordSource source;
  private final RecordsBuilder builder = new RecordsBuilder();

  /** Records of one batch that have not been sent. */
  private final Deque<ClusterRecord> records = new ArrayDeque<>();

  /** The records of the message being made. */
  private final List<ClusterRecord> added = new ArrayList<>();

  RecordSender(ReplicaState state, RecordSource source) {
    this.state = state;
    this.source = source;
  }

  /** Returns whether there is something to send. */
  boolean hasDue() {
    return !records.isEmpty()
        || state.registry.atomically(() -> state.leases.hasDue() || state.tombstones.hasDue());
  }

  /**
   * Sends at most one message.
   *
   * @param hasReceivers whether there are other members; if not, due changes are dropped, because a
   *     member that joins requests all leases
   * @param sender returns whether it has taken over the message
   * @return false if the sender did not take over the message; what it contains is due again
   */
  boolean sendOne(boolean hasReceivers, int version, Predicate<byte[]> sender) {
    while (true) {
      if (records.isEmpty()) {
        state.atomically(this::takeDue);
      }
      ClusterRecord next = records.peek();
      if (next == null) {
        break;
      }
      if (hasReceivers) {
        if (!builder.add(next)) {
          break;
        }
        added.add(next);
      }
      records.remove();
    }
    return added.isEmpty() || sendAdded(builder.buildRecords(version), sender);
  }

  private boolean sendAdded(byte[] message, Predicate<byte[]> sender) {
    if (message.length > Group.MESSAGE_BYTES_MAX) {
      // It has this record only.
      InstanceKey key = added.get(0).key();
      LOG.warn(
          "instance not sent to members, because it is too large instance={} bytes={} limit={}",
          EscapedText.token(key.app() + "/" + key.id()),
          message.length,
          Group.MESSAGE_BYTES_MAX);
      state.counters.recordsTooLarge.increment();
      added.clear();
      return true;
    }
    boolean isSent = false;
    try {
      isSent = sender.test(message);
    } finally {
      if (!isSent) {
        state.atomically(this::markDueAgain);
      }
    }
    if (isSent) {
      state.counters.recordsSent.add(added.size());
      state.counters.recordBytesSent.add(message.length);
    }
    added.clear();
    return isSent;
  }

  /**
   * Marks the instances of the message, not the records, so that what waits for the next attempt is
   * bounded by the registry.
   */
  private void markDueAgain() {
    for (ClusterRecord record : added) {
      int slot = state.registry.replicated().find(record.key());
      if (slot >= 0 && state.leases.isKnown(slot)) {
        state.leases.markDue(slot, state.leases.isByPeer(slot));
      } else if (state.tombstones.find(record.key()) != null) {
        state.tombstones.markDue(record.key());
      }
    }
  }

  private void takeDue() {
    while (records.size() < RECORD_BATCH_MAX && state.tombstones.hasDue()) {
      Tombstone removal = state.tombstones.takeDue();
      if (removal != null) {
        records.add(RecordSource.recordOf(removal));
      }
    }
    while (records.size() < RECORD_BATCH_MAX) {
      int slot = state.leases.takeDue();
      if (slot < 0) {
        return;
      }
      @Nullable ClusterRecord record = source.recordOf(slot);
      if (record != null) {
        records.add(record);
      }
    }
  }
}
