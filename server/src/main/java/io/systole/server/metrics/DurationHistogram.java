// SPDX-License-Identifier: Apache-2.0
package io.systole.server.metrics;

import java.util.concurrent.atomic.AtomicLongArray;

/** The number of durations in fixed buckets, and their sum, since the start. */
public final class DurationHistogram {
  /*
   * One thread at a time adds; any thread reads. The cells are the buckets in ascending order, the
   * last for durations above all bounds, followed by the sum. As there is one writer, an addition
   * is a plain read and an opaque write, which readers see eventually; they may see the bucket of
   * an addition before its sum.
   */

  private final long[] boundsNs;
  private final AtomicLongArray cells;

  /** @param boundsNs the inclusive upper bounds of the buckets, ascending */
  public DurationHistogram(long... boundsNs) {
    this.boundsNs = boundsNs.clone();
    this.cells = new AtomicLongArray(boundsNs.length + 2);
  }

  /** Adds a number of equal durations. Takes time in the number of buckets. */
  public void add(long durationNs, int times) {
    int bucket = 0;
    while (bucket < boundsNs.length && durationNs > boundsNs[bucket]) {
      bucket++;
    }
    increase(bucket, times);
    increase(boundsNs.length + 1, durationNs * times);
  }

  private void increase(int cell, long by) {
    cells.setOpaque(cell, cells.getPlain(cell) + by);
  }

  /** Returns the inclusive upper bounds of the buckets but the last, nanoseconds, ascending. */
  public long[] boundsNs() {
    return boundsNs.clone();
  }

  /** Returns the number of durations in a bucket, {@code 0..boundsNs().length}. */
  public long count(int bucket) {
    return cells.getOpaque(bucket);
  }

  /** Returns the number of durations. Takes time in the number of buckets. */
  public long count() {
    long count = 0;
    for (int bucket = 0; bucket <= boundsNs.length; bucket++) {
      count += count(bucket);
    }
    return count;
  }

  /** Returns the sum of the durations, nanoseconds. */
  public long sumNs() {
    return cells.getOpaque(boundsNs.length + 1);
  }
}
