// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.stats;

import java.util.concurrent.atomic.AtomicLong;

/** A count that one thread writes and any thread reads. */
final class SingleWriterCounter {
  /** Stored with release by its one writer, so whoever reads it sees what came before. */
  private final AtomicLong value = new AtomicLong();

  void add(long more) {
    value.setRelease(value.getPlain() + more);
  }

  long value() {
    return value.getAcquire();
  }
}
