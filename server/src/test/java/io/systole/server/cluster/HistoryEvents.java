// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.function.Supplier;

/** The events of one history: their number by kind, and if it is replayed the last ones as text. */
final class HistoryEvents {
  private static final int LINES_MAX = Integer.getInteger("systole.cluster.lines", 300);

  private final SimulatedTime time;
  private final Map<String, Long> occurrences;
  private final boolean isRecording;
  private final Deque<String> lines = new ArrayDeque<>();

  /** @param occurrences the number of events of each kind in all histories */
  HistoryEvents(SimulatedTime time, Map<String, Long> occurrences, boolean isRecording) {
    this.time = time;
    this.occurrences = occurrences;
    this.isRecording = isRecording;
  }

  void count(String kind) {
    add(kind, 1);
  }

  void add(String kind, long number) {
    occurrences.merge(kind, number, Long::sum);
  }

  /** Counts an event and records its text, which is not made unless it is recorded. */
  void add(String kind, Supplier<Object> details) {
    count(kind);
    if (isRecording) {
      note(() -> kind + " " + details.get());
    }
  }

  /** Records a text that is not counted. */
  void note(Supplier<String> text) {
    if (isRecording) {
      if (lines.size() == LINES_MAX) {
        lines.removeFirst();
      }
      lines.add(time.nowMs() + " ms: " + text.get());
    }
  }

  /** Returns the last events in order, if they are recorded. */
  Iterable<String> lines() {
    return lines;
  }
}
