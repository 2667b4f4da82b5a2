// SPDX-License-Identifier: Apache-2.0
package io.systole.server.page;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.registry.RecentEventLog;
import io.systole.server.registry.RecentEventLog.Eviction;
import io.systole.server.registry.RecentEventLog.InstanceEvent;
import io.systole.server.registry.RecentEventLog.NewEvents;
import io.systole.server.registry.Requester;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** A reader of the recent registrations, cancellations, evictions and extensions, in one order. */
final class RecentEvents {
  /** The maximum number of events in a document of {@link #next}. */
  static final int EVENTS_MAX = 100;

  /** The maximum number of events in the document of {@link #latest}. */
  static final int LATEST_MAX = 50;

  private record TimedEvent(long atMs, ObjectNode document) {}

  /** A reader of one log. */
  private static final class LogReader<E> {
    private final RecentEventLog<E> log;
    private final Function<E, TimedEvent> toEvent;
    private long readCount;

    LogReader(RecentEventLog<E> log, Function<E, TimedEvent> toEvent) {
      this.log = log;
      this.toEvent = toEvent;
    }

    /** Adds the last of the new events, oldest first; returns the number of all new ones. */
    long read(int max, List<TimedEvent> into) {
      NewEvents<E> added = log.since(readCount);
      long count = added.addedCount() - readCount;
      readCount = added.addedCount();
      List<E> events = added.events();
      events
          .subList(Math.max(0, events.size() - max), events.size())
          .forEach(event -> into.add(toEvent.apply(event)));
      return count;
    }
  }

  private final List<LogReader<?>> readers;
  private final ArrayDeque<ObjectNode> latest = new ArrayDeque<>();

  RecentEvents(RecentEventLog.ByKind logs) {
    readers = List.of(
        new LogReader<>(logs.registered(), event -> event("registered", event)),
        new LogReader<>(logs.cancelled(), event -> event("cancelled", event)),
        new LogReader<>(logs.extended(), event -> event("extended", event)),
        new LogReader<>(logs.evicted(), RecentEvents::evicted));
    List<TimedEvent> events = new ArrayList<>();
    readers.forEach(reader -> reader.read(LATEST_MAX, events));
    remember(inOrder(events, LATEST_MAX));
  }

  private static TimedEvent event(String kind, InstanceEvent recorded) {
    TimedEvent event = event(kind, recorded.atMs(), recorded.key());
    event.document().put("by", PageJson.nameOf(recorded.by()));
    putRequester(recorded.requester(), event.document());
    return event;
  }

  private static TimedEvent event(String kind, long atMs, InstanceKey key) {
    ObjectNode document = PageJson.object()
        .put("kind", kind)
        .put("atMs", atMs)
        .put("app", key.app())
        .put("id", key.id());
    return new TimedEvent(atMs, document);
  }

  private static TimedEvent evicted(Eviction eviction) {
    TimedEvent event = event("evicted", eviction.atMs(), eviction.key());
    event
        .document()
        .put("cause", PageJson.nameOf(eviction.cause()))
        .put("by", PageJson.nameOf(eviction.by()))
        .put("because", eviction.reason());
    putRequester(eviction.requester(), event.document());
    return event;
  }

  private static void putRequester(@Nullable Requester requester, ObjectNode document) {
    if (requester != null) {
      document.put("principal", requester.principal()).put("from", requester.from());
    }
  }

  /** Returns the last events up to those of {@link #next}, newest last. */
  ObjectNode latest() {
    return document(latest, 0);
  }

  /** Returns the events since the last call, newest last; null if there are none. */
  @Nullable
  ObjectNode next() {
    List<TimedEvent> events = new ArrayList<>();
    long count = 0;
    for (LogReader<?> reader : readers) {
      count += reader.read(EVENTS_MAX, events);
    }
    List<ObjectNode> next = inOrder(events, EVENTS_MAX);
    remember(next);
    return count == 0 ? null : document(next, count - next.size());
  }

  private void remember(List<ObjectNode> events) {
    latest.addAll(events);
    while (latest.size() > LATEST_MAX) {
      latest.remove();
    }
  }

  /** Returns the last of some events by their time; those of one kind stay in order. */
  private static List<ObjectNode> inOrder(List<TimedEvent> events, int max) {
    events.sort(Comparator.comparingLong(TimedEvent::atMs));
    return events.stream()
        .skip(Math.max(0, events.size() - max))
        .map(TimedEvent::document)
        .toList();
  }

  private static ObjectNode document(Collection<ObjectNode> events, long dropped) {
    ObjectNode document = PageJson.object().put("dropped", dropped);
    document.putArray("events").addAll(events);
    return document;
  }
}
