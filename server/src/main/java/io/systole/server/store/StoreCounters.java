// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What the store did and how it fares. Any thread may read. */
public final class StoreCounters {
  private final LongAdder records = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final LongAdder syncs = new LongAdder();
  private final LongAdder syncNs = new LongAdder();
  private final LongAdder snapshots = new LongAdder();
  private final LongAdder snapshotNs = new LongAdder();
  private final LongAdder recordsSkipped = new LongAdder();
  private final LongAdder corruptRanges = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final LongAdder recordsOmitted = new LongAdder();
  private volatile @Nullable Degradation failure;
  private volatile @Nullable Degradation incomplete;
  private volatile @Nullable Degradation partlyRestored;

  StoreCounters() {}

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

  void corruptRange() {
    corruptRanges.increment();
  }

  /**
   * Counts a failure to write.
   *
   * @param nowMs wall clock, epoch ms
   * @return whether it is another one than before
   */
  boolean failed(String reason, long nowMs) {
    failures.increment();
    Degradation before = failure;
    boolean isOther = before == null || !before.reason().equals(reason);
    if (isOther) {
      failure = new Degradation(reason, before == null ? nowMs : before.sinceMs());
    }
    return isOther;
  }

  void recovered() {
    failure = null;
  }

  /**
   * Counts a record left out as too large; returns whether all was written until then.
   *
   * @param nowMs wall clock, epoch ms
   */
  boolean omitted(long nowMs) {
    recordsOmitted.increment();
    boolean isFirst = incomplete == null;
    if (isFirst) {
      incomplete = new Degradation("instances too large to be stored are left out", nowMs);
    }
    return isFirst;
  }

  /** Notes that a snapshot holds every lease. */
  void complete() {
    incomplete = null;
  }

  /**
   * Notes that leases which the files hold did not fit the registry.
   *
   * @param nowMs wall clock, epoch ms
   */
  void partlyRestored(int restored, int found, long nowMs) {
    partlyRestored = new Degradation(
        "%d of %d leases were restored, the others do not fit --max-instances and"
                .formatted(restored, found)
            + " --max-registry-bytes",
        nowMs);
  }

  /** Notes that no file which a start begins with holds the leases that were not restored. */
  void passedOverUnrestored() {
    partlyRestored = null;
  }

  boolean isPartlyRestored() {
    return partlyRestored != null;
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

  /** Records and leases that were left out, for they are too large to be read again. */
  public long recordsOmitted() {
    return recordsOmitted.sum();
  }

  /** Stretches of files that couldn't be read, but for writes that were cut short. */
  public long corruptRanges() {
    return corruptRanges.sum();
  }

  /** How often writing failed. */
  public long failures() {
    return failures.sum();
  }

  /**
   * The failure because of which changes are not kept as they should be; null when there is none.
   */
  @Nullable
  Degradation failure() {
    Degradation failed = failure;
    Degradation partly = partlyRestored;
    return failed != null ? failed : partly != null ? partly : incomplete;
  }

  /** Whether changes are not written though they should be. */
  boolean isDegraded() {
    return failure() != null;
  }
}
