// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.stats;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The refused registrations of one event loop by status and message. One writer, many readers. */
final class RefusalCounts {
  private static final int KEPT_MAX = 16;
  private static final String OTHERS = "(other refusals)";

  private final Map<String, Long> counts = new ConcurrentHashMap<>();

  /** Counts a refusal; from a limit on, further messages share one entry. */
  void add(int status, String text) {
    String refusal = status + (text.isEmpty() ? "" : " " + text);
    boolean isKept = counts.containsKey(refusal) || counts.size() < KEPT_MAX;
    counts.merge(isKept ? refusal : OTHERS, 1L, Long::sum);
  }

  /** Adds the counts to {@code sums}. */
  void addTo(Map<String, Long> sums) {
    counts.forEach((refusal, count) -> sums.merge(refusal, count, Long::sum));
  }
}
