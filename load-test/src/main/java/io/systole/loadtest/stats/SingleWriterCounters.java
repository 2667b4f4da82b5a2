// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.stats;

import java.util.concurrent.atomic.AtomicLongArray;

/** Counts by a small number, which one thread writes and any thread reads. */
final class SingleWriterCounters {
  /** Stored with release by its one writer, so whoever reads one sees what came before. */
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
