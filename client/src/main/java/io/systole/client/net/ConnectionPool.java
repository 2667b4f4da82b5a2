// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The lines of one event loop: those in use, and old ones that wait for their last answers. */
final class ConnectionPool {
  private final List<ConnectionSlot> inUse = new ArrayList<>();
  private final List<ConnectionSlot> inUseView = Collections.unmodifiableList(inUse);
  private final List<ConnectionSlot> draining = new ArrayList<>();

  /** Of those in use. */
  private int open;

  /** Returns the lines in use: always the same list, empty while there are none. */
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

  /** Takes lines into use of which the first is open. */
  void use(List<ConnectionSlot> slots) {
    inUse.addAll(slots);
    open = 1;
  }

  /** One of those in use was opened. */
  void opened() {
    open++;
  }

  /** One of those in use was lost, or could not be opened. */
  void ended(boolean wasOpen) {
    open -= wasOpen ? 1 : 0;
  }

  /** Puts those in use aside until their last answers have come. */
  void drain() {
    List<ConnectionSlot> old = List.copyOf(inUse);
    inUse.clear();
    open = 0;
    draining.addAll(old);
    old.forEach(ConnectionSlot::drain);
  }

  /** An old line has ended. */
  void drained(ConnectionSlot slot) {
    draining.remove(slot);
  }

  /** Gives those in use up: what is in flight there fails. */
  void giveUp(String cause) {
    open = 0;
    close(inUse, cause);
  }

  /** Closes all. */
  void close(String cause) {
    giveUp(cause);
    close(draining, cause);
  }

  private static void close(List<ConnectionSlot> slots, String cause) {
    List<ConnectionSlot> closing = List.copyOf(slots);
    slots.clear();
    closing.forEach(slot -> slot.close(cause));
  }

  /** Ends those whose answers are overdue; either list may lose elements by it, even all. */
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
