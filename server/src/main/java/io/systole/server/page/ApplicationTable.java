// SPDX-License-Identifier: Apache-2.0
package io.systole.server.page;

import io.systole.protocol.model.InstanceInfo;
import io.systole.server.registry.Change;
import io.systole.server.registry.Registry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The applications with their instances by status, kept up to date by the changes of the log. Not
 * thread-safe.
 */
final class ApplicationTable {
  /*
   * The table keeps the application and status of each slot, 5 bytes a lease, so that a change is
   * subtracted from the counts that it was added to. Applying a change sets the slot, whatever it
   * was before. So the table may be filled from the leases, which are of no one point in time, and
   * then apply every change since before that: each lease is as of its last change in the end.
   */

  private static final String EVENT = "applications";

  /**
   * Limit on the characters of the names that are shown, which instances choose: the rows stay in
   * memory, and the present ones are sent at once. Further applications are only counted.
   */
  static final int CHARS_MAX = 8 << 20;

  private static final byte NO_STATUS = -1;

  private static final int SLOTS_MIN = 1024;

  private final Map<String, ApplicationRow> rows = new TreeMap<>();

  /** The rows changed since the last {@link #changes}, by name; possibly no longer in the table. */
  private final Map<String, ApplicationRow> changed = new HashMap<>();

  private @Nullable ApplicationRow[] rowOf = new ApplicationRow[SLOTS_MIN];
  private byte[] statusOf = new byte[SLOTS_MIN];

  /** The characters of the names of the shown rows. */
  private int shownChars;

  /** The applications with expired leases. */
  private Set<String> expired = Set.of();

  /** Null after a change. */
  private @Nullable List<byte[]> all;

  private ApplicationTable() {
    Arrays.fill(statusOf, NO_STATUS);
  }

  /** Returns the table of the present leases. Linear in the leases. */
  static ApplicationTable of(Registry registry) {
    ApplicationTable table = new ApplicationTable();
    registry.forEachSlot((slot, instance, isChangedHere, isOutdated) -> table.set(slot, instance));
    table.changed.clear();
    return table;
  }

  /** Applies a change. */
  void apply(Change change) {
    if (change.isRemoval()) {
      clear(change.slot());
    } else {
      set(change.slot(), change.document());
    }
  }

  private void set(int slot, InstanceInfo instance) {
    clear(slot);
    ApplicationRow row = rows.get(instance.app());
    if (row == null) {
      row = newRow(instance.app());
      rows.put(row.name(), row);
    }
    int status = instance.status().ordinal();
    row.add(status, 1);
    markChanged(row);
    rowOf[slot] = row;
    statusOf[slot] = (byte) status;
  }

  private ApplicationRow newRow(String name) {
    boolean isShown = shownChars + name.length() <= CHARS_MAX;
    shownChars += isShown ? name.length() : 0;
    return new ApplicationRow(name, isShown);
  }

  private void clear(int slot) {
    if (slot >= statusOf.length) {
      int length = Math.max(slot + 1, 2 * statusOf.length);
      int before = statusOf.length;
      rowOf = Arrays.copyOf(rowOf, length);
      statusOf = Arrays.copyOf(statusOf, length);
      Arrays.fill(statusOf, before, length, NO_STATUS);
    }
    ApplicationRow row = rowOf[slot];
    if (row == null) {
      return;
    }
    row.add(statusOf[slot], -1);
    markChanged(row);
    rowOf[slot] = null;
    statusOf[slot] = NO_STATUS;
    if (row.instances() == 0) {
      rows.remove(row.name());
      shownChars -= row.isShown() ? row.name().length() : 0;
    }
  }

  private void markChanged(ApplicationRow row) {
    if (!row.isShown()) {
      return;
    }
    changed.put(row.name(), row);
    all = null;
  }

  /** Replaces the counts of expired and protected leases. Linear in their applications. */
  void updateExpired(ExpiredLeases now) {
    for (String app : expired) {
      if (!now.byApp().containsKey(app)) {
        setExpired(app, 0, 0);
      }
    }
    now.byApp()
        .forEach((app, count) -> setExpired(app, count, now.protectedByApp().getOrDefault(app, 0)));
    expired = now.byApp().keySet();
  }

  private void setExpired(String app, int expiredNow, int protectedNow) {
    ApplicationRow row = rows.get(app);
    if (row != null && row.setExpired(expiredNow, protectedNow)) {
      markChanged(row);
    }
  }

  /** Returns the number of applications with instances. */
  int size() {
    return rows.size();
  }

  /** Returns the encoded rows that are shown, by name. */
  Collection<byte[]> encodedRows() {
    return encoded(rows.values());
  }

  /** Returns the events of the whole table, encoded once between two changes. */
  List<byte[]> all() {
    List<byte[]> events = all;
    if (events == null) {
      events = RowEvents.all(EVENT, encodedRows());
      all = events;
    }
    return events;
  }

  /** Returns the events of the rows changed since the last call; those without instances ended. */
  List<byte[]> changes() {
    List<byte[]> events = RowEvents.changes(EVENT, encoded(changed.values()), List.of());
    changed.clear();
    return events;
  }

  private static Collection<byte[]> encoded(Collection<ApplicationRow> some) {
    List<byte[]> encoded = new ArrayList<>(some.size());
    for (ApplicationRow row : some) {
      if (row.isShown()) {
        encoded.add(row.encoded());
      }
    }
    return encoded;
  }
}
