// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.server.cluster.message.BeatEncoder;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Sends the renewals of each window to the other members. Confined to the thread of the ticks. */
final class BeatSender {
  /** A member without renewals sends an empty message this often, to show that it is alive. */
  private static final long LIVENESS_NS = TimeUnit.SECONDS.toNanos(5);

  /** Words of slots handled in one section that holds the monitor. */
  private static final int SECTION_WORDS = ReplicaState.SECTION_MAX / Long.SIZE;

  private static final long[] EMPTY = {};

  private final ReplicaState state;
  private final ClusterLeases leases;

  /** The numbers renewed in a window by index of the owner, as words of bit sets. */
  private long[][] numbers = new long[0][];

  private final BeatEncoder encoder = new BeatEncoder(this::send);

  /** Sends the messages of the window being ended. */
  private Consumer<byte[]> receivers = message -> {};

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
    receivers = sender;
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
    receivers.accept(message);
  }

  private void addTo(long[] slots, boolean isByPeers, boolean hasReceivers) {
    for (int from = 0; from < slots.length; from += SECTION_WORDS) {
      int start = from;
      state.atomically(() -> resolve(slots, start, Math.min(start + SECTION_WORDS, slots.length)));
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
