// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.InstanceKey;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The last thousand instances that something happened to. Any thread may call. */
public final class RecentEvents {
  /**
   * One of them.
   *
   * @param atMs wall clock, epoch ms
   */
  public record Event(long atMs, InstanceKey key) {}

  /** As many as stock servers keep (spec §3.2). */
  static final int EVENTS_MAX = 1000;

  private final ArrayDeque<Event> events = new ArrayDeque<>();

  synchronized void add(long atMs, InstanceKey key) {
    if (events.size() == EVENTS_MAX) {
      events.remove();
    }
    events.add(new Event(atMs, key));
  }

  /** Newest first. */
  public synchronized List<Event> latest() {
    List<Event> latest = new ArrayList<>(events);
    Collections.reverse(latest);
    return latest;
  }
}
