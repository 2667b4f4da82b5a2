// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import io.systole.client.HeartbeatClient;
import io.systole.client.Registration;
import io.systole.loadtest.runner.Fleet;
import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The instances of a running scenario: registered, stopped or cancelled. A position is a slot of
 * the fleet whose instance may change. Thread-safe.
 */
final class FleetState {
  /*
   * All state is guarded by this object. Calls into the client only submit tasks to its event
   * loops, which run them in this order; so this state is what the client reaches once all changes
   * are confirmed.
   */
  private final HeartbeatClient client;
  private final Fleet fleet;
  private final @Nullable Registration[] registrations;
  private final int[] indices;
  private final BitSet stopped = new BitSet();
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

  /** Adds an initial instance; its index is its position. */
  synchronized void add(Registration registration) {
    registrations[size] = registration;
    indices[size] = size;
    size++;
  }

  /**
   * Returns positions of this share, at least one; each call continues where the last one ended.
   */
  synchronized int[] choose(double share) {
    int[] chosen = new int[(int) Math.max(1, Math.round(share * size))];
    Arrays.setAll(chosen, nth -> (nextChosen + nth) % size);
    nextChosen = (nextChosen + chosen.length) % size;
    return chosen;
  }

  /** Cancels the instance and registers another with a new id. */
  synchronized void replace(int position) {
    cancel(position);
    indices[position] = nextIndex++;
    register(position);
  }

  /** Cancels the instance. */
  synchronized void cancel(int position) {
    Registration registration = registrations[position];
    if (registration != null) {
      var unused = registration.cancel();
      registrations[position] = null;
      stopped.clear(position);
    }
  }

  /** Registers the instance if it is cancelled. */
  synchronized void register(int position) {
    if (registrations[position] == null) {
      registrations[position] = client.register(fleet.source(indices[position]));
    }
  }

  /** Sends the registration of the instance again. */
  synchronized void reregister(int position) {
    Registration registration = registrations[position];
    if (registration != null) {
      var unused = registration.source(fleet.source(indices[position]));
    }
  }

  /** Stops the instance's heartbeats without cancelling it. */
  synchronized void stopHeartbeats(int position) {
    Registration registration = registrations[position];
    if (registration != null) {
      registration.pause();
      stopped.set(position);
    }
  }

  /** Resumes the heartbeats of all stopped instances; returns their number. */
  synchronized int resumeHeartbeats() {
    int count = stopped.cardinality();
    for (int position = stopped.nextSetBit(0);
        position >= 0;
        position = stopped.nextSetBit(position + 1)) {
      Registration registration = registrations[position];
      if (registration != null) {
        registration.resume();
      }
    }
    stopped.clear();
    return count;
  }

  /** Returns the indices of the instances that send heartbeats. */
  synchronized BitSet active() {
    return indicesWhere(false);
  }

  /** Returns the indices of the stopped instances. */
  synchronized BitSet stopped() {
    return indicesWhere(true);
  }

  /**
   * Returns the number of instances that the client keeps registered: all but the cancelled ones.
   */
  synchronized int registeredCount() {
    int count = 0;
    for (int position = 0; position < size; position++) {
      count += registrations[position] == null ? 0 : 1;
    }
    return count;
  }

  private BitSet indicesWhere(boolean isStopped) {
    BitSet matching = new BitSet();
    for (int position = 0; position < size; position++) {
      if (registrations[position] != null && stopped.get(position) == isStopped) {
        matching.set(indices[position]);
      }
    }
    return matching;
  }
}
