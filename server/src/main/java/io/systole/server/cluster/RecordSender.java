// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.protocol.model.EscapedText;
import io.systole.server.cluster.ClusterTombstones.Tombstone;
import io.systole.server.cluster.group.Group;
import io.systole.server.cluster.message.ClusterRecord;
import io.systole.server.cluster.message.RecordsBuilder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the changes made here to the other members: the state of each changed instance as it is
 * when the message is made, so that a slow network has less to send. Confined to the thread of the
 * ticks.
 */
final class RecordSender {
  private static final Logger LOG = LoggerFactory.getLogger(RecordSender.class);

  /** Records made in one section that holds the monitor. */
  private static final int RECORDS_MAX = 100;

  private final ReplicaState state;
  private final RecordSource source;
  private final RecordsBuilder builder = new RecordsBuilder();

  /** Records of one section. */
  private final Deque<ClusterRecord> records = new ArrayDeque<>();

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
   * @param hasReceivers whether there are other members; if not, what is due is dropped, because a
   *     member that joins requests all leases
   */
  void sendOne(boolean hasReceivers, int version, Consumer<byte[]> sender) {
    @Nullable ClusterRecord last = null;
    while (true) {
      if (records.isEmpty()) {
        state.atomically(this::takeDue);
      }
      ClusterRecord next = records.peek();
      if (next == null) {
        break;
      }
      if (hasReceivers && !builder.add(next)) {
        break;
      }
      last = records.remove();
    }
    int count = builder.count();
    if (count > 0 && last != null) {
      byte[] message = builder.buildRecords(version);
      if (message.length > Group.MESSAGE_BYTES_MAX) {
        // Only a message of one record is longer.
        LOG.warn(
            "instance not sent to members, because it is too large app={} id={} bytes={}",
            EscapedText.token(last.key().app()),
            EscapedText.token(last.key().id()),
            message.length);
        return;
      }
      sender.accept(message);
      state.counters.recordsSent.add(count);
      state.counters.recordBytesSent.add(message.length);
    }
  }

  private void takeDue() {
    while (records.size() < RECORDS_MAX && state.tombstones.hasDue()) {
      Tombstone removal = state.tombstones.takeDue();
      if (removal != null) {
        records.add(RecordSource.recordOf(removal));
      }
    }
    while (records.size() < RECORDS_MAX) {
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
