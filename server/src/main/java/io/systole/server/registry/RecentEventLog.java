// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.InstanceKey;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The last thousand events of one kind. Thread-safe. */
public final class RecentEventLog<E> {
  /**
   * An event of an instance.
   *
   * @param atMs wall clock, epoch ms
   */
  public record RecordedEvent(long atMs, InstanceKey key) {}

  /**
   * An eviction.
   *
   * @param atMs wall clock, epoch ms
   * @param by the node or an operator
   * @param reason the reason, for people
   */
  public record Eviction(
      long atMs, InstanceKey key, Origin by, EvictionCause cause, String reason) {}

  /** The maximum of stock servers (spec §3.2). */
  static final int EVENTS_MAX = 1000;

  private final ArrayDeque<E> events = new ArrayDeque<>();

  synchronized void add(E event) {
    if (events.size() == EVENTS_MAX) {
      events.remove();
    }
    events.add(event);
  }

  /** Returns the events, newest first. */
  public synchronized List<E> latest() {
    List<E> latest = new ArrayList<>(events);
    Collections.reverse(latest);
    return latest;
  }
}
