// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The connection slots of one event loop: those in use, and old ones that are draining. */
final class ConnectionPool {
  private final List<ConnectionSlot> inUse = new ArrayList<>();
  private final List<ConnectionSlot> inUseView = Collections.unmodifiableList(inUse);
  private final List<ConnectionSlot> draining = new ArrayList<>();

  /** Open connections among the slots in use. */
  private int open;

  /** Returns a live view of the slots in use. */
  List<ConnectionSlot> inUse() {
    return inUseView;
  }

  int open() {
    return open;
  }

  boolean isAnyDraining() {
    return !draining.isEmpty();
  }

  int inFlight() {
    return inFlight(inUse) + inFlight(draining);
  }

  private static int inFlight(List<ConnectionSlot> slots) {
    int inFlight = 0;
    for (ConnectionSlot slot : slots) {
      Connection connection = slot.connection();
      inFlight += connection == null ? 0 : connection.inFlight();
    }
    return inFlight;
  }

  /** Adds slots, of which the first is open. */
  void use(List<ConnectionSlot> slots) {
    inUse.addAll(slots);
    open = 1;
  }

  /** Counts a slot in use that has opened. */
  void opened() {
    open++;
  }

  /** Counts a slot in use that was lost or failed to open. */
  void ended(boolean wasOpen) {
    open -= wasOpen ? 1 : 0;
  }

  /** Drains the slots in use. */
  void drain() {
    List<ConnectionSlot> old = List.copyOf(inUse);
    inUse.clear();
    open = 0;
    draining.addAll(old);
    old.forEach(ConnectionSlot::drain);
  }

  /** Removes a drained slot. */
  void drained(ConnectionSlot slot) {
    draining.remove(slot);
  }

  /** Closes the slots in use; their requests in flight fail. */
  void closeInUse(String cause) {
    open = 0;
    close(inUse, cause);
  }

  /** Closes all slots. */
  void close(String cause) {
    closeInUse(cause);
    close(draining, cause);
  }

  private static void close(List<ConnectionSlot> slots, String cause) {
    List<ConnectionSlot> closing = List.copyOf(slots);
    slots.clear();
    closing.forEach(slot -> slot.close(cause));
  }

  /** Ends connections with overdue responses. Either list may lose elements meanwhile, even all. */
  void expire(long nowNs) {
    expire(inUse, nowNs);
    expire(draining, nowNs);
  }

  private static void expire(List<ConnectionSlot> slots, long nowNs) {
    for (int index = slots.size() - 1; index >= 0; index--) {
      if (index < slots.size()) {
        slots.get(index).expire(nowNs);
      }
    }
  }
}
