// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.stats;

import java.util.concurrent.atomic.AtomicLongArray;

/** An array of counters with one writing thread and any number of readers. */
final class SingleWriterCounters {
  /** Stored with release and loaded with acquire. */
  private final AtomicLongArray values;

  SingleWriterCounters(int kinds) {
    values = new AtomicLongArray(kinds);
  }

  void add(int kind, long more) {
    values.setRelease(kind, values.getPlain(kind) + more);
  }

  long value(int kind) {
    return values.getAcquire(kind);
  }

  long total() {
    long total = 0;
    for (int kind = 0; kind < values.length(); kind++) {
      total += values.getAcquire(kind);
    }
    return total;
  }
}
