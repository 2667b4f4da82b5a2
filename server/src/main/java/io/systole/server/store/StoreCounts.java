// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import java.util.concurrent.atomic.LongAdder;

/** What the store did and how it fares. Any thread may read. */
public final class StoreCounts {
  private final LongAdder records = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final LongAdder syncs = new LongAdder();
  private final LongAdder syncNs = new LongAdder();
  private final LongAdder snapshots = new LongAdder();
  private final LongAdder snapshotNs = new LongAdder();
  private final LongAdder recordsSkipped = new LongAdder();
  private final LongAdder flaws = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private volatile long lagChanges;
  private volatile boolean isDegraded;

  StoreCounts() {}

  void written(long moreRecords, long moreBytes) {
    records.add(moreRecords);
    bytes.add(moreBytes);
  }

  void synced(long tookNs) {
    syncs.increment();
    syncNs.add(tookNs);
  }

  void snapshot(long tookNs) {
    snapshots.increment();
    snapshotNs.add(tookNs);
  }

  void skipped(long count) {
    recordsSkipped.add(count);
  }

  void flaw() {
    flaws.increment();
  }

  void failed() {
    failures.increment();
    isDegraded = true;
  }

  void recovered() {
    isDegraded = false;
  }

  void lag(long changes) {
    lagChanges = changes;
  }

  /** Records written. */
  public long records() {
    return records.sum();
  }

  /** Bytes written to journals. */
  public long bytes() {
    return bytes.sum();
  }

  public long syncs() {
    return syncs.sum();
  }

  /** Time spent waiting for the disk to confirm. */
  public long syncNs() {
    return syncNs.sum();
  }

  public long snapshots() {
    return snapshots.sum();
  }

  public long snapshotNs() {
    return snapshotNs.sum();
  }

  /** Changes that a snapshot took the place of, for they came too fast. */
  public long recordsSkipped() {
    return recordsSkipped.sum();
  }

  /** Stretches of files that couldn't be read, but for writes that were cut short. */
  public long flaws() {
    return flaws.sum();
  }

  /** How often writing failed. */
  public long failures() {
    return failures.sum();
  }

  /** Changes made and not yet written, when last looked at. */
  public long lagChanges() {
    return lagChanges;
  }

  /** Whether changes are not written though they should be. */
  public boolean isDegraded() {
    return isDegraded;
  }
}
