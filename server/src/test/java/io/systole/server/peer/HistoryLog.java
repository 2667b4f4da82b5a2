// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The events of one history, and the number of events of each kind in all histories. */
final class HistoryLog {
  private final Map<String, Integer> occurrences;
  private final List<String> events = new ArrayList<>();

  /** @param occurrences the number of events of each kind in all histories */
  HistoryLog(Map<String, Integer> occurrences) {
    this.occurrences = occurrences;
  }

  void add(String event) {
    events.add(event);
  }

  void count(String kind) {
    occurrences.merge(kind, 1, Integer::sum);
  }

  /** Returns the events in order. */
  List<String> events() {
    return events;
  }
}
