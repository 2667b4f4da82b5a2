// SPDX-License-Identifier: Apache-2.0
package io.systole.server.page;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * An encoder of the rows of a table as events of limited size.
 *
 * <pre>
 *   event: NAME
 *   data: {"reset":true,"rows":[ROW,ROW],"more":true}             the first: discard all rows
 *   data: {"reset":false,"rows":[ROW],"removed":[KEY],"more":false}    the last
 * </pre>
 */
final class RowEvents {
  /** The maximum size of an event with more than one row. */
  static final int EVENT_BYTES_MAX = 64 * 1024;

  /** Space for the end of an event. */
  private static final int END_BYTES = 64;

  private final String name;
  private final List<byte[]> events = new ArrayList<>();
  private final ByteArrayOutputStream event = new ByteArrayOutputStream();
  private boolean isReset;
  private boolean isRemoving;
  private boolean hasEntry;
  private int entries;

  private RowEvents(String name, boolean isReset) {
    this.name = name;
    this.isReset = isReset;
    open();
  }

  /** Returns the events of all rows of a table; one if there is no row. */
  static List<byte[]> all(String name, Collection<byte[]> rows) {
    return new RowEvents(name, true).encode(rows, List.of());
  }

  /**
   * Returns the events of changes; none without a change.
   *
   * @param rows JSON values in UTF-8
   * @param removed the keys of removed rows, as {@code rows}
   */
  static List<byte[]> changes(String name, Collection<byte[]> rows, Collection<byte[]> removed) {
    return rows.isEmpty() && removed.isEmpty()
        ? List.of()
        : new RowEvents(name, false).encode(rows, removed);
  }

  private List<byte[]> encode(Collection<byte[]> rows, Collection<byte[]> removed) {
    rows.forEach(this::add);
    if (!removed.isEmpty()) {
      startRemoved();
      removed.forEach(this::add);
    }
    close(false);
    return events;
  }

  private void add(byte[] entry) {
    if (entries > 0 && event.size() + entry.length + END_BYTES > EVENT_BYTES_MAX) {
      boolean wasRemoving = isRemoving;
      close(true);
      open();
      if (wasRemoving) {
        startRemoved();
      }
    }
    if (hasEntry) {
      event.write(',');
    }
    event.writeBytes(entry);
    hasEntry = true;
    entries++;
  }

  private void startRemoved() {
    append("],\"removed\":[");
    isRemoving = true;
    hasEntry = false;
  }

  private void open() {
    append("event: " + name + "\ndata: {\"reset\":" + isReset + ",\"rows\":[");
    isReset = false;
    isRemoving = false;
    hasEntry = false;
    entries = 0;
  }

  private void close(boolean hasMore) {
    append("],\"more\":" + hasMore + "}\n\n");
    events.add(event.toByteArray());
    event.reset();
  }

  private void append(String ascii) {
    event.writeBytes(ascii.getBytes(US_ASCII));
  }
}
