// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.management.RemovalHistory.RecordedChange;
import io.systole.server.management.RemovalHistory.RecordedChanges;
import io.systole.server.registry.Change;
import io.systole.server.registry.Change.Cause;
import io.systole.server.registry.LeaseInspector;
import io.systole.server.registry.RecentEventLog.Eviction;
import io.systole.server.registry.RecentEventLog.InstanceEvent;
import io.systole.server.registry.Registry;
import io.systole.server.registry.Requester;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The last changes of an instance, from the retained changes, the journal and the recent events.
 * Thread-safe.
 */
final class InstanceHistory {
  /**
   * The maximum difference of the times at which a change and its recent event were recorded: both
   * in one operation, but one by the monotonic clock.
   */
  private static final long SAME_EVENT_MS = 1_000;

  private final Registry registry;
  private final RemovalHistory journal;

  InstanceHistory(Registry registry, RemovalHistory journal) {
    this.registry = registry;
    this.journal = journal;
  }

  /**
   * Adds the last changes as {@code history}, newest first, at most {@code limit}, and whether a
   * part of the journal was left unread.
   */
  void put(InstanceKey key, int limit, ObjectNode response) {
    LeaseInspector inspector = registry.inspector();
    List<RecordedChange> changes = new ArrayList<>();
    for (Change change : inspector.changesOf(key, limit)) {
      changes.add(new RecordedChange(
          change.version(),
          inspector.wallMsAt(change.atNs()),
          change.cause(),
          change.origin(),
          change.isRemoval() ? null : change.document().status()));
    }
    boolean isCut = false;
    if (changes.size() < limit) {
      long before =
          changes.isEmpty() ? Long.MAX_VALUE : changes.get(changes.size() - 1).version();
      RecordedChanges older = journal.changesBefore(key, before, limit - changes.size());
      changes.addAll(older.newestFirst());
      isCut = older.isCut();
    }
    List<InstanceEvent> cancelled =
        eventsOf(key, registry.recentEvents().cancelled().latest(), InstanceEvent::key);
    List<Eviction> evicted =
        eventsOf(key, registry.recentEvents().evicted().latest(), Eviction::key);
    ArrayNode entries = response.putArray("history");
    for (RecordedChange change : changes) {
      ObjectNode entry = entries.addObject();
      JsonResponses.putTimestamp(entry, "at", change.atMs());
      entry
          .put("cause", HumanText.nameOf(change.cause()))
          .put("by", HumanText.nameOf(change.origin()))
          .put("status", change.status() == null ? null : change.status().name());
      putReason(change, cancelled, evicted, entry);
    }
    response.put("isHistoryCut", isCut);
  }

  private static <E> List<E> eventsOf(
      InstanceKey key, List<E> events, Function<E, InstanceKey> keyOf) {
    return events.stream().filter(event -> keyOf.apply(event).equals(key)).toList();
  }

  private static void putReason(
      RecordedChange change,
      List<InstanceEvent> cancelled,
      List<Eviction> evicted,
      ObjectNode entry) {
    if (change.cause() == Cause.EVICTION) {
      Eviction eviction = nearest(change.atMs(), evicted, Eviction::atMs);
      entry.put(
          "because",
          eviction == null
              ? HumanText.removalReason(change.cause(), change.origin())
              : eviction.reason());
      putRequester(eviction == null ? null : eviction.requester(), entry);
    } else if (change.cause() == Cause.CANCEL) {
      InstanceEvent event = nearest(change.atMs(), cancelled, InstanceEvent::atMs);
      entry.put("because", HumanText.removalReason(change.cause(), change.origin()));
      putRequester(event == null ? null : event.requester(), entry);
    }
  }

  private static <E> @Nullable E nearest(long atMs, List<E> events, ToLongFunction<E> atMsOf) {
    return events.stream()
        .filter(event -> Math.abs(atMsOf.applyAsLong(event) - atMs) <= SAME_EVENT_MS)
        .min(Comparator.comparingLong(event -> Math.abs(atMsOf.applyAsLong(event) - atMs)))
        .orElse(null);
  }

  /** Adds the sender of the request, if known. */
  static void putRequester(@Nullable Requester requester, ObjectNode node) {
    if (requester != null) {
      node.put("principal", requester.principal()).put("from", requester.from());
    }
  }
}
