// SPDX-License-Identifier: Apache-2.0
package io.systole.server.page;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.systole.protocol.model.EscapedText;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.server.eviction.EvictionDecision;
import io.systole.server.eviction.EvictionForecast;
import io.systole.server.registry.Change;
import io.systole.server.registry.LeaseDetails;
import io.systole.server.registry.LeaseInspector;
import io.systole.server.registry.LeaseSnapshot;
import io.systole.server.registry.Registry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The instances of one application with their leases, kept up to date by the changes of the log and
 * by looking for renewals in rounds. Not thread-safe.
 */
final class InstanceTable {
  /** The minimum time between two rounds that look for renewals. */
  static final long ROUND_NS = TimeUnit.SECONDS.toNanos(5);

  /** The maximum number of leases looked up for renewals in one call of {@link #refresh}. */
  static final int LOOKUPS_MAX = 2_000;

  /** The maximum number of characters of a host name or address; DNS permits 253. */
  static final int HOST_CHARS_MAX = 255;

  private static final String EVENT = "instances";

  /** What a row shows, apart from the text. */
  private record ShownLease(
      InstanceInfo instance, LeaseDetails lease, EvictionForecast.State state) {
    /** Returns whether a row would be the same; wall clock times may differ by a millisecond. */
    @SuppressWarnings("ReferenceEquality") // Each change has a document of its own.
    boolean isSame(ShownLease other) {
      return instance == other.instance
          && state == other.state
          && Objects.equals(lease.override(), other.lease.override())
          && lease.snapshot().deadline().deadlineNs()
              == other.lease.snapshot().deadline().deadlineNs()
          && lease.snapshot().lastContactNs() == other.lease.snapshot().lastContactNs();
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // Rows are sent, never compared.
  private record InstanceRow(ShownLease shown, byte[] encoded) {}

  private final String app;
  private final LeaseInspector inspector;
  private final NameChars chars;
  private final TreeMap<String, InstanceRow> rows = new TreeMap<>();

  /** The documents changed since the last {@link #changes}, by id; null for a removal. */
  private final Map<String, @Nullable InstanceInfo> changed = new HashMap<>();

  /** The ids whose rows were replaced or removed since the last {@link #changes}. */
  private final Set<String> dirty = new LinkedHashSet<>();

  /** The last id of the round in progress, or null. */
  private @Nullable String roundAt;

  private long roundBegunNs;

  private @Nullable List<byte[]> all;

  private InstanceTable(String app, LeaseInspector inspector, NameChars chars, long nowNs) {
    this.app = app;
    this.chars = chars;
    this.inspector = inspector;
    this.roundBegunNs = nowNs;
  }

  /**
   * Returns the table of an application, upper case. Linear in the leases of all applications.
   *
   * @param chars of all tables; beyond its limit, instances are left out
   */
  static InstanceTable of(
      String app, Registry registry, NameChars chars, EvictionDecision decision, long nowNs) {
    InstanceTable table = new InstanceTable(app, registry.inspector(), chars, nowNs);
    registry.forEachSlot((slot, instance, isChangedHere, isOutdated) -> {
      if (instance.app().equals(app)) {
        table.show(instance, decision);
      }
    });
    table.dirty.clear();
    return table;
  }

  /** Removes all rows. */
  void clear() {
    List.copyOf(rows.keySet()).forEach(this::remove);
  }

  /** Applies a change, which may be one of another application. */
  void apply(Change change) {
    InstanceInfo instance = change.document();
    if (instance.app().equals(app)) {
      changed.put(instance.id(), change.isRemoval() ? null : instance);
    }
  }

  /** Looks for renewals and expired leases, if a round is due or in progress. */
  void refresh(EvictionDecision decision, long nowNs) {
    if (roundAt == null) {
      if (nowNs - roundBegunNs < ROUND_NS) {
        return;
      }
      roundBegunNs = nowNs;
      roundAt = "";
    }
    Map<String, InstanceRow> rest = rows.tailMap(roundAt, false);
    List<InstanceInfo> next = rest.values().stream()
        .limit(LOOKUPS_MAX)
        .map(row -> row.shown().instance())
        .toList();
    next.forEach(instance -> show(instance, decision));
    roundAt = next.size() < LOOKUPS_MAX ? null : next.get(next.size() - 1).id();
  }

  /** Returns the events of the whole table, encoded once between two changes. */
  List<byte[]> all() {
    List<byte[]> events = all;
    if (events == null) {
      events =
          RowEvents.all(EVENT, rows.values().stream().map(InstanceRow::encoded).toList());
      all = events;
    }
    return events;
  }

  /** Returns the events of what was applied and found since the last call. */
  List<byte[]> changes(EvictionDecision decision) {
    changed.forEach((id, instance) -> {
      if (instance == null) {
        remove(id);
      } else {
        show(instance, decision);
      }
    });
    changed.clear();
    List<byte[]> shown = new ArrayList<>();
    List<byte[]> removed = new ArrayList<>();
    for (String id : dirty) {
      InstanceRow row = rows.get(id);
      if (row == null) {
        removed.add(EscapedText.jsonString(id).getBytes(UTF_8));
      } else {
        shown.add(row.encoded());
      }
    }
    dirty.clear();
    return RowEvents.changes(EVENT, shown, removed);
  }

  /** Replaces the row of an instance if its lease has changed. */
  private void show(InstanceInfo instance, EvictionDecision decision) {
    LeaseDetails lease = inspector.find(new InstanceKey(app, instance.id()));
    if (lease == null) {
      // It has ended; the change that reports so follows.
      return;
    }
    EvictionForecast.State state =
        EvictionForecast.stateOf(decision, lease.snapshot().deadline());
    ShownLease shown = new ShownLease(instance, lease, state);
    InstanceRow before = rows.get(instance.id());
    if (before == null || !before.shown().isSame(shown)) {
      if (!chars.replace(before == null ? 0 : charsOf(before), charsOf(instance))) {
        remove(instance.id());
        return;
      }
      rows.put(instance.id(), new InstanceRow(shown, encode(shown).getBytes(UTF_8)));
      dirty.add(instance.id());
      all = null;
    }
  }

  private void remove(String id) {
    InstanceRow before = rows.remove(id);
    if (before != null) {
      boolean unused = chars.replace(charsOf(before), 0);
      dirty.add(id);
      all = null;
    }
  }

  private static int charsOf(InstanceRow row) {
    return charsOf(row.shown().instance());
  }

  private static int charsOf(InstanceInfo instance) {
    return instance.id().length()
        + shortened(instance.hostName()).length()
        + shortened(instance.ipAddr()).length();
  }

  private static String shortened(@Nullable String host) {
    if (host == null) {
      return "";
    }
    return host.length() <= HOST_CHARS_MAX ? host : host.substring(0, HOST_CHARS_MAX) + "…";
  }

  private String encode(ShownLease shown) {
    InstanceInfo instance = shown.instance();
    LeaseSnapshot lease = shown.lease().snapshot();
    return "[" + EscapedText.jsonString(instance.id())
        + "," + host(instance.hostName())
        + "," + host(instance.ipAddr())
        + "," + instance.port().port()
        + "," + text(instance.status().name())
        + ","
        + text(
            shown.lease().override() == null ? null : shown.lease().override().name())
        + "," + inspector.wallMsAt(lease.lastContactNs())
        + "," + inspector.wallMsAt(lease.deadline().deadlineNs())
        + "," + text(PageJson.nameOf(shown.state()))
        + "]";
  }

  private static String host(@Nullable String host) {
    return text(host == null ? null : shortened(host));
  }

  private static String text(@Nullable String value) {
    return value == null ? "null" : EscapedText.jsonString(value);
  }
}
