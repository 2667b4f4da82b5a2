// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.stats;

import java.util.concurrent.atomic.AtomicLong;

/** A counter with one writing thread and any number of readers. */
final class SingleWriterCounter {
  /** Stored with release and loaded with acquire. */
  private final AtomicLong value = new AtomicLong();

  void add(long more) {
    value.setRelease(value.getPlain() + more);
  }

  long value() {
    return value.getAcquire();
  }
}
