// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.server.cluster.message.BeatEncoder;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The sender of each window's renewals. Confined to {@link ReplicaThread}, except {@link #add}. */
final class BeatSender {
  /** The interval in which a member without renewals sends an empty message, as a sign of life. */
  private static final long LIVENESS_NS = TimeUnit.SECONDS.toNanos(5);

  /** The maximum number of words, 64 slots each, handled while the monitor is held once. */
  private static final int WORD_BATCH_MAX = ReplicaState.SLOT_BATCH_MAX / Long.SIZE;

  private static final long[] EMPTY = {};

  private final ReplicaState state;
  private final ClusterLeases leases;

  /** The lease numbers renewed in a window: words of a bit set for each owner, by its index. */
  private long[][] numbers = new long[0][];

  private final BeatEncoder encoder = new BeatEncoder(this::send);

  /** Sends a message to the other members; set for each window. */
  private Consumer<byte[]> sender = message -> {};

  private long window;
  private long lastSentNs;

  BeatSender(ReplicaState state) {
    this.state = state;
    this.leases = state.leases;
    this.lastSentNs = state.clock.monotonicNs();
  }

  /** Adds slots renewed here as words of a bit set. Any thread. */
  void add(long[] words, boolean isByPeers) {
    (isByPeers ? state.renewedByPeers : state.renewedByClients).add(words);
  }

  /**
   * Ends a window and sends its renewals.
   *
   * @param hasReceivers whether there are other members
   * @param sender sends a message
   */
  void endWindow(long nowNs, boolean hasReceivers, int version, Consumer<byte[]> sender) {
    encoder.begin(version, window);
    this.sender = sender;
    addTo(state.renewedByClients.take(), false, hasReceivers);
    addTo(state.renewedByPeers.take(), true, hasReceivers);
    boolean isDue = encoder.renewals() > 0 || nowNs - lastSentNs >= LIVENESS_NS;
    if (hasReceivers && isDue) {
      encoder.end();
      state.counters.renewalsSent.add(encoder.renewals());
      lastSentNs = nowNs;
      window++;
    }
  }

  private void send(byte[] message) {
    state.counters.beatsSent.increment();
    state.counters.beatBytesSent.add(message.length);
    sender.accept(message);
  }

  private void addTo(long[] slots, boolean isByPeers, boolean hasReceivers) {
    for (int from = 0; from < slots.length; from += WORD_BATCH_MAX) {
      int start = from;
      state.atomically(() -> resolve(slots, start, Math.min(start + WORD_BATCH_MAX, slots.length)));
    }
    for (int owner = 1; owner < numbers.length; owner++) {
      long[] words = numbers[owner];
      if (words != null && words.length > 0) {
        if (hasReceivers) {
          encoder.add(epoch(owner), isByPeers, words, words.length);
        }
        Arrays.fill(words, 0);
      }
    }
  }

  private long epoch(int owner) {
    return state.registry.atomically(() -> leases.owners.epoch(owner));
  }

  private void resolve(long[] slots, int from, int to) {
    for (int i = from; i < to; i++) {
      for (long bits = slots[i]; bits != 0; bits &= bits - 1) {
        int slot = Long.SIZE * i + Long.numberOfTrailingZeros(bits);
        if (leases.isKnown(slot)) {
          leases.confirm(slot, leases.self());
          add(leases.stamps.owner(slot), leases.stamps.number(slot));
        }
      }
    }
  }

  private void add(int owner, int number) {
    if (owner >= numbers.length) {
      int before = numbers.length;
      numbers = Arrays.copyOf(numbers, owner + 1);
      Arrays.fill(numbers, before, owner + 1, EMPTY);
    }
    int word = number >>> 6;
    if (word >= numbers[owner].length) {
      numbers[owner] = Arrays.copyOf(numbers[owner], Math.max(word + 1, word + word / 2));
    }
    numbers[owner][word] |= 1L << number;
  }
}
