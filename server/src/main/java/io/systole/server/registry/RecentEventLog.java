// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.InstanceKey;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The last thousand events of one kind. Thread-safe. */
public final class RecentEventLog<E> {
  /** The cause of an eviction. */
  public enum EvictionCause {
    /** The lease had expired. */
    EXPIRED,
    /** The lease was restored from an earlier run, not renewed since, and had expired. */
    UNRENEWED,
    /** An operator evicted the instance. */
    OPERATOR
  }

  /**
   * An event of an instance.
   *
   * @param atMs wall clock, epoch ms
   * @param by the requester's kind
   * @param requester the sender of the request; null if unknown
   */
  public record InstanceEvent(
      long atMs, InstanceKey key, Origin by, @Nullable Requester requester) {}

  /**
   * An eviction.
   *
   * @param atMs wall clock, epoch ms
   * @param by the node or an operator
   * @param reason the human-readable reason
   * @param requester the operator; null if unknown, or if the node evicted the instance
   */
  public record Eviction(
      long atMs,
      InstanceKey key,
      Origin by,
      EvictionCause cause,
      String reason,
      @Nullable Requester requester) {}

  /**
   * The logs of a registry.
   *
   * @param registered the last registrations
   * @param extended the last extensions by an operator
   * @param cancelled the last cancellations, including those of unregistered instances
   * @param evicted the last evictions
   */
  public record ByKind(
      RecentEventLog<InstanceEvent> registered,
      RecentEventLog<InstanceEvent> extended,
      RecentEventLog<InstanceEvent> cancelled,
      RecentEventLog<Eviction> evicted) {
    ByKind() {
      this(
          new RecentEventLog<>(),
          new RecentEventLog<>(),
          new RecentEventLog<>(),
          new RecentEventLog<>());
    }
  }

  /** The maximum of stock servers (spec §3.2). */
  static final int EVENTS_MAX = 1000;

  /**
   * The events after an earlier read.
   *
   * @param addedCount the number of events ever added, from which the next read continues
   * @param events oldest first
   */
  public record NewEvents<E>(long addedCount, List<E> events) {}

  private final ArrayDeque<E> events = new ArrayDeque<>();
  private long addedCount;

  synchronized void add(E event) {
    if (events.size() == EVENTS_MAX) {
      events.remove();
    }
    events.add(event);
    addedCount++;
  }

  /**
   * Returns the retained events after the first {@code count} ever added. Linear in the returned
   * events.
   */
  public synchronized NewEvents<E> since(long count) {
    List<E> later = new ArrayList<>();
    Iterator<E> newestFirst = events.descendingIterator();
    for (long i = addedCount; i > count && newestFirst.hasNext(); i--) {
      later.add(newestFirst.next());
    }
    Collections.reverse(later);
    return new NewEvents<>(addedCount, later);
  }

  /** Returns the events, newest first. */
  public synchronized List<E> latest() {
    List<E> latest = new ArrayList<>(events);
    Collections.reverse(latest);
    return latest;
  }
}
