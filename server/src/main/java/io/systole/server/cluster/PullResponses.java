// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.server.cluster.ClusterTombstones.Tombstone;
import io.systole.server.cluster.group.Group;
import io.systole.server.cluster.group.MemberId;
import io.systole.server.cluster.message.ClusterRecord;
import io.systole.server.cluster.message.Message.Pull;
import io.systole.server.cluster.message.RecordsBuilder;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The requests of other members and the response to the one being served. The queue is guarded by
 * the registry's monitor; the response is confined to the thread that sends it.
 */
final class PullResponses {
  private record Key(MemberId member, int bucket) {}

  /** The maximum number of queued requests. */
  static final int QUEUED_MAX = 4_096;

  /** The maximum number of entries of all queued requests, 16 bytes each. */
  static final int ENTRIES_MAX = 4_000_000;

  /** The maximum number of records built while the monitor is held once. */
  private static final int RECORD_BATCH_MAX = 100;

  private final ReplicaState state;
  private final RecordSource source;
  private final RecordsBuilder builder = new RecordsBuilder();
  private final Map<Key, Pull> queued = new LinkedHashMap<>();
  private int queuedEntries;
  private volatile Runnable requestListener = () -> {};

  /** The sender of the request being served; null if none. */
  private @Nullable MemberId receiver;

  private @Nullable Pull served;

  private final Deque<Tombstone> tombstones = new ArrayDeque<>();
  private final Deque<ClusterRecord> records = new ArrayDeque<>();
  private int[] slots = new int[64];
  private int slotCount;
  private int nextSlot;

  PullResponses(ReplicaState state, RecordSource source) {
    this.state = state;
    this.source = source;
  }

  /** Queues a request, in place of one for the same bucket. Drops it if the queue is full. */
  void add(MemberId member, Pull pull) {
    Key key = new Key(member, pull.bucket());
    Pull before = queued.remove(key);
    if (before != null) {
      queuedEntries -= before.size();
    }
    if (queued.size() < QUEUED_MAX && queuedEntries + pull.size() <= ENTRIES_MAX) {
      queued.put(key, pull);
      queuedEntries += pull.size();
      requestListener.run();
    }
  }

  /** Sets an action to be run, by any thread, when a request has been added. */
  void onRequest(Runnable action) {
    requestListener = action;
  }

  /** Removes the requests of members that have left. */
  void retain(Set<MemberId> members) {
    queued.entrySet().removeIf(each -> {
      boolean isRemoved = !members.contains(each.getKey().member());
      if (isRemoved) {
        queuedEntries -= each.getValue().size();
      }
      return isRemoved;
    });
  }

  int queuedCount() {
    return queued.size();
  }

  /**
   * Sends at most one message. If it is not sent, the rest of the response is dropped, so that the
   * request times out: without that part the other member would miss records and not notice.
   *
   * @param sender returns whether it has taken over the message
   * @return whether there may be more to send
   */
  boolean sendOne(int version, BiPredicate<MemberId, byte[]> sender) {
    if (served == null && !state.registry.atomically(this::startNext)) {
      return false;
    }
    MemberId member = receiver;
    Pull pull = served;
    if (member == null || pull == null) {
      return false;
    }
    boolean isLast = fill();
    int count = builder.count();
    byte[] message = builder.buildPush(version, pull.requestId(), pull.bucket(), isLast);
    if (message.length > Group.MESSAGE_BYTES_MAX) {
      // A single instance that is too large is skipped. The empty part may be the last one.
      message = builder.buildPush(version, pull.requestId(), pull.bucket(), isLast);
      count = 0;
      state.counters.recordsTooLarge.increment();
    }
    boolean isSent = false;
    try {
      isSent = sender.test(member, message);
    } finally {
      if (isLast || !isSent) {
        endResponse();
      }
    }
    if (isSent) {
      state.counters.recordsPushed.add(count);
    } else {
      state.counters.sendFailures.increment();
    }
    return true;
  }

  private void endResponse() {
    receiver = null;
    served = null;
    tombstones.clear();
    records.clear();
  }

  /** Fills a message. Returns whether it is the last one of the response. */
  private boolean fill() {
    while (true) {
      if (records.isEmpty()) {
        state.atomically(this::makeRecords);
      }
      ClusterRecord next = records.peek();
      if (next == null) {
        return true;
      }
      if (!builder.add(next)) {
        return false;
      }
      records.remove();
    }
  }

  private void makeRecords() {
    while (records.size() < RECORD_BATCH_MAX && !tombstones.isEmpty()) {
      records.add(RecordSource.recordOf(tombstones.remove()));
    }
    while (records.size() < RECORD_BATCH_MAX && nextSlot < slotCount) {
      ClusterRecord record = source.recordOf(slots[nextSlot++]);
      if (record != null) {
        records.add(record);
      }
    }
  }

  /** Starts the response to the oldest request. Returns false if there is none. */
  private boolean startNext() {
    Iterator<Map.Entry<Key, Pull>> entries = queued.entrySet().iterator();
    if (!entries.hasNext()) {
      return false;
    }
    Map.Entry<Key, Pull> next = entries.next();
    Pull pull = next.getValue();
    receiver = next.getKey().member();
    served = pull;
    queuedEntries -= pull.size();
    entries.remove();
    select(pull);
    return true;
  }

  private void select(Pull pull) {
    long[] present = new long[pull.size()];
    for (int i = 0; i < present.length; i++) {
      present[i] = pull.entryHash(i);
    }
    Arrays.sort(present);
    slotCount = 0;
    nextSlot = 0;
    LeaseStamps stamps = state.leases.stamps;
    int bucket = pull.bucket();
    for (int slot = stamps.first(bucket); slot != LeaseStamps.NONE; slot = stamps.next(slot)) {
      if (Arrays.binarySearch(present, state.leases.entryHash(slot)) < 0) {
        if (slotCount == slots.length) {
          slots = Arrays.copyOf(slots, 2 * slotCount);
        }
        slots[slotCount++] = slot;
      }
    }
    state.tombstones.forEach(bucket, each -> {
      if (Arrays.binarySearch(present, each.entryHash()) < 0) {
        tombstones.add(each);
      }
    });
  }
}
