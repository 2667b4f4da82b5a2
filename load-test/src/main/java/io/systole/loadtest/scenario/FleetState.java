// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import io.systole.client.HeartbeatClient;
import io.systole.client.Registration;
import io.systole.loadtest.runner.Fleet;
import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Who of the fleet is registered, silent or gone; a position is a place in the fleet, whose holder
 * may change. Any thread.
 */
final class FleetState {
  /*
   * All state is guarded by this object. Calls into the client only hand tasks to its event loops,
   * which then do them in this order; so what is said here of an instance is what the client will
   * have come to once all its changes are answered.
   */
  private final HeartbeatClient client;
  private final Fleet fleet;
  private final @Nullable Registration[] registrations;
  private final int[] indices;
  private final BitSet silent = new BitSet();
  private int size;
  private int nextIndex;
  private int nextChosen;

  FleetState(HeartbeatClient client, Fleet fleet, int instances) {
    this.client = client;
    this.fleet = fleet;
    this.registrations = new @Nullable Registration[instances];
    this.indices = new int[instances];
    this.nextIndex = instances;
  }

  /** Takes in one instance of the beginning; its index is its position. */
  synchronized void add(Registration registration) {
    registrations[size] = registration;
    indices[size] = size;
    size++;
  }

  /** Returns positions of such a share, at least one; each call goes on where the last ended. */
  synchronized int[] choose(double share) {
    int[] chosen = new int[(int) Math.max(1, Math.round(share * size))];
    Arrays.setAll(chosen, nth -> (nextChosen + nth) % size);
    nextChosen = (nextChosen + chosen.length) % size;
    return chosen;
  }

  /** The instance cancels; another, with a new id, registers in its place. */
  synchronized void replace(int position) {
    leave(position);
    indices[position] = nextIndex++;
    comeBack(position);
  }

  /** The instance cancels, and is gone until it comes back. */
  synchronized void leave(int position) {
    Registration registration = registrations[position];
    if (registration != null) {
      var unused = registration.cancel();
      registrations[position] = null;
      silent.clear(position);
    }
  }

  /** The instance registers, if it is gone. */
  synchronized void comeBack(int position) {
    if (registrations[position] == null) {
      registrations[position] = client.register(fleet.source(indices[position]));
    }
  }

  /** The instance sends its registration again. */
  synchronized void reregister(int position) {
    Registration registration = registrations[position];
    if (registration != null) {
      var unused = registration.source(fleet.source(indices[position]));
    }
  }

  /** The instance stops to beat. */
  synchronized void silence(int position) {
    Registration registration = registrations[position];
    if (registration != null) {
      registration.pause();
      silent.set(position);
    }
  }

  /** All that are silent beat again; returns how many. */
  synchronized int wake() {
    int count = silent.cardinality();
    for (int position = silent.nextSetBit(0);
        position >= 0;
        position = silent.nextSetBit(position + 1)) {
      Registration registration = registrations[position];
      if (registration != null) {
        registration.resume();
      }
    }
    silent.clear();
    return count;
  }

  /** Returns the indices of those who beat. */
  synchronized BitSet beating() {
    return indicesOf(false);
  }

  /** Returns the indices of those who are silent. */
  synchronized BitSet silent() {
    return indicesOf(true);
  }

  /** Returns how many the client has to keep registered: all but those who are gone. */
  synchronized int present() {
    int present = 0;
    for (int position = 0; position < size; position++) {
      present += registrations[position] == null ? 0 : 1;
    }
    return present;
  }

  private BitSet indicesOf(boolean isSilent) {
    BitSet found = new BitSet();
    for (int position = 0; position < size; position++) {
      if (registrations[position] != null && silent.get(position) == isSilent) {
        found.set(indices[position]);
      }
    }
    return found;
  }
}
