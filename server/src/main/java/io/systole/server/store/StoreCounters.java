// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.protocol.model.EscapedText;
import io.systole.protocol.model.InstanceKey;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counters and degradations of the store. Reads are thread-safe. */
public final class StoreCounters {
  /**
   * A condition under which changes are not persisted as configured, while the node keeps serving.
   *
   * @param sinceMs wall clock, epoch ms
   */
  public record Degradation(String reason, long sinceMs) {}

  private static final Logger LOG = LoggerFactory.getLogger(StoreCounters.class);

  /** Limit on characters of a name in a log line: names may be as long as the omitted document. */
  private static final int NAME_CHARS_MAX = 200;

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
  private volatile int restoredLeases;
  private volatile @Nullable Degradation failure;
  private volatile @Nullable Degradation incomplete;
  private volatile @Nullable Degradation partlyRestored;

  StoreCounters() {}

  void addWritten(long moreRecords, long moreBytes) {
    records.add(moreRecords);
    bytes.add(moreBytes);
  }

  void addSync(long tookNs) {
    syncs.increment();
    syncNs.add(tookNs);
  }

  void addSnapshot(long tookNs) {
    snapshots.increment();
    snapshotNs.add(tookNs);
  }

  void addSkipped(long count) {
    recordsSkipped.add(count);
  }

  void addCorruptRange() {
    corruptRanges.increment();
  }

  /**
   * Counts a failure to write.
   *
   * @param nowMs wall clock, epoch ms
   * @return true if the reason differs from that of the last failure
   */
  boolean recordFailure(String reason, long nowMs) {
    failures.increment();
    Degradation before = failure;
    boolean isNew = before == null || !before.reason().equals(reason);
    if (isNew) {
      failure = new Degradation(reason, before == null ? nowMs : before.sinceMs());
    }
    return isNew;
  }

  void clearFailure() {
    failure = null;
  }

  /**
   * Counts a record omitted as too large; logs the first one since a snapshot contained all leases.
   *
   * @param recordBytes size that the record would have had
   * @param nowMs wall clock, epoch ms
   */
  void addOmitted(InstanceKey key, long recordBytes, long nowMs) {
    recordsOmitted.increment();
    if (incomplete == null) {
      incomplete = new Degradation("instances too large to be stored are omitted", nowMs);
      LOG.error(
          "an instance is too large to be stored and would be lost by a restart; further ones are"
              + " only counted app={} id={} bytes={} max={}",
          abbreviated(key.app()),
          abbreviated(key.id()),
          recordBytes,
          FrameLayout.RECORD_BYTES_MAX);
    }
  }

  private static String abbreviated(String name) {
    return EscapedText.token(
        name.length() > NAME_CHARS_MAX ? name.substring(0, NAME_CHARS_MAX) : name);
  }

  /** Records that a snapshot contains all leases. */
  void clearOmitted() {
    incomplete = null;
  }

  void recordRestore(int leases) {
    restoredLeases = leases;
  }

  /**
   * Records that leases in the files did not fit the registry.
   *
   * @param nowMs wall clock, epoch ms
   */
  void recordPartialRestore(int restored, int found, long nowMs) {
    partlyRestored = new Degradation(
        "%d of %d leases were restored, the others do not fit --max-instances and"
                .formatted(restored, found)
            + " --max-registry-size",
        nowMs);
  }

  /**
   * Records that the files used by recovery no longer contain the leases that were not restored.
   */
  void clearPartialRestore() {
    partlyRestored = null;
  }

  boolean isPartlyRestored() {
    return partlyRestored != null;
  }

  /** Returns the number of leases restored at the start. */
  public int restoredLeases() {
    return restoredLeases;
  }

  /** Returns the number of records written. */
  public long records() {
    return records.sum();
  }

  /** Returns the bytes written to journals. */
  public long bytes() {
    return bytes.sum();
  }

  public long syncs() {
    return syncs.sum();
  }

  /** Returns the time spent in syncs, nanoseconds. */
  public long syncNs() {
    return syncNs.sum();
  }

  public long snapshots() {
    return snapshots.sum();
  }

  public long snapshotNs() {
    return snapshotNs.sum();
  }

  /** Returns the number of changes replaced by a snapshot because the writer fell behind. */
  public long recordsSkipped() {
    return recordsSkipped.sum();
  }

  /** Returns the number of records and leases omitted as too large. */
  public long recordsOmitted() {
    return recordsOmitted.sum();
  }

  /** Returns the number of unreadable ranges, not counting torn last writes. */
  public long corruptRanges() {
    return corruptRanges.sum();
  }

  /** Returns the number of failures to write. */
  public long failures() {
    return failures.sum();
  }

  /**
   * Returns the failure that keeps changes from being persisted as configured; null if there is
   * none.
   */
  @Nullable
  Degradation degradation() {
    Degradation current = failure;
    Degradation partial = partlyRestored;
    return current != null ? current : partial != null ? partial : incomplete;
  }

  /** Returns whether changes are not persisted as configured. */
  boolean isDegraded() {
    return degradation() != null;
  }
}
