// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.InstanceKey;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The last thousand events of one kind. Any thread may call. */
public final class RecentEventLog<E> {
  /**
   * Something that happened to an instance.
   *
   * @param atMs wall clock, epoch ms
   */
  public record RecordedEvent(long atMs, InstanceKey key) {}

  /**
   * An eviction.
   *
   * @param atMs wall clock, epoch ms
   * @param by the node or an operator
   * @param reason why it was evicted, in words
   */
  public record Eviction(
      long atMs, InstanceKey key, Origin by, EvictionCause cause, String reason) {}

  /** As many as stock servers keep (spec §3.2). */
  static final int EVENTS_MAX = 1000;

  private final ArrayDeque<E> events = new ArrayDeque<>();

  synchronized void add(E event) {
    if (events.size() == EVENTS_MAX) {
      events.remove();
    }
    events.add(event);
  }

  /** Newest first. */
  public synchronized List<E> latest() {
    List<E> latest = new ArrayList<>(events);
    Collections.reverse(latest);
    return latest;
  }
}
