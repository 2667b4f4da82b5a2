// SPDX-License-Identifier: Apache-2.0
package io.systole.server.page;

import io.systole.protocol.time.Clock;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A value that is costly to read, and therefore read anew at most once in an interval, and in at
 * most 5 % of the time. Not thread-safe.
 */
final class PacedValue<T> {
  private static final long PAUSES_PER_READ = 19;

  private final Supplier<T> source;
  private final Clock clock;
  private final long intervalNs;
  private @Nullable T value;
  private long dueNs;

  PacedValue(Supplier<T> source, Clock clock, long intervalMs) {
    this.source = source;
    this.clock = clock;
    this.intervalNs = TimeUnit.MILLISECONDS.toNanos(intervalMs);
  }

  /** Releases the value; the next call reads it. */
  void clear() {
    value = null;
  }

  T get() {
    long nowNs = clock.monotonicNs();
    T known = value;
    if (known != null && nowNs - dueNs < 0) {
      return known;
    }
    T fresh = source.get();
    long readNs = clock.monotonicNs();
    dueNs = readNs + Math.max(intervalNs, PAUSES_PER_READ * (readNs - nowNs));
    value = fresh;
    return fresh;
  }
}
