// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.server.cluster.message.BeatNumbers;
import io.systole.server.cluster.message.MalformedMessageException;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The receiver of renewals from other members, which renews the leases here. Thread-safe. */
final class BeatReceiver {
  private final ReplicaState state;
  private final ClusterLeases leases;
  private volatile @Nullable Consumer<long[]> listener;

  BeatReceiver(ReplicaState state) {
    this.state = state;
    this.leases = state.leases;
  }

  /** Sets the listener for slots renewed by clients at other members, the words of a bit set. */
  void onRenewed(Consumer<long[]> newListener) {
    listener = newListener;
  }

  /** Renews the leases of a message. */
  void receive(long senderEpoch, BeatNumbers numbers, long nowNs) throws MalformedMessageException {
    state.counters.beatsReceived.increment();
    Consumer<long[]> renewedListener = listener;
    SlotSet byClients = renewedListener == null ? null : new SlotSet();
    int[] slots = new int[ReplicaState.SLOT_BATCH_MAX];
    numbers.forEach(new int[ReplicaState.SLOT_BATCH_MAX], (owner, isByPeers, part, count) -> {
      int found = state.registry.atomically(() -> resolve(senderEpoch, owner, part, count, slots));
      int renewed = state.registry.replicated().renew(slots, found, nowNs, isByPeers);
      state.counters.renewalsReceived.add(renewed);
      state.counters.unknownNumbers.add(count - found);
      if (byClients != null && !isByPeers) {
        byClients.add(slots, found);
      }
    });
    if (renewedListener != null && byClients != null && byClients.words.length > 0) {
      renewedListener.accept(byClients.words);
    }
  }

  /** Stores the slots of an owner's lease numbers in {@code slots}. Returns how many are known. */
  private int resolve(long senderEpoch, long owner, int[] numbers, int count, int[] slots) {
    int sender = leases.owners.find(senderEpoch);
    boolean isMember = leases.owners.isInView(sender);
    int index = leases.owners.find(owner);
    int found = 0;
    for (int i = 0; i < count; i++) {
      int slot = index == OwnerTable.NONE ? -1 : leases.owners.slotOf(index, numbers[i]);
      if (slot >= 0) {
        slots[found++] = slot;
        leases.confirm(slot, isMember ? sender : leases.stamps.lastRenewer(slot));
      }
    }
    return found;
  }

  /** A growable bit set that exposes its words, which {@link java.util.BitSet} copies. */
  private static final class SlotSet {
    private long[] words = {};

    private void add(int[] slots, int count) {
      for (int i = 0; i < count; i++) {
        int word = slots[i] >>> 6;
        if (word >= words.length) {
          words = Arrays.copyOf(words, Math.max(word + 1, 2 * words.length));
        }
        words[word] |= 1L << slots[i];
      }
    }
  }
}
