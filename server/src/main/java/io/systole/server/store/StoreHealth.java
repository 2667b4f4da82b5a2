// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.server.store.TimedStorage.Operation;
import io.systole.server.time.Clock;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far the files are behind the registry, computed when it is read: the writer, which may be
 * stuck in the disk, has no part in it. Any thread may read.
 */
public final class StoreHealth {
  /**
   * A disk that takes longer for one operation, or to get a change written, counts as hanging.
   * Disks that are merely busy take a second or two.
   */
  static final long HANG_NS = TimeUnit.SECONDS.toNanos(5);

  private static final Logger LOG = LoggerFactory.getLogger(StoreHealth.class);

  private final Clock clock;
  private final TimedStorage disk;
  private final StoreCounters counts;

  /** Null until the store writes. */
  private volatile @Nullable JournalPosition position;

  /** For the one thread that calls {@link #watch}. */
  private @Nullable String loggedReason;

  StoreHealth(Clock clock, TimedStorage disk, StoreCounters counts) {
    this.clock = clock;
    this.disk = disk;
    this.counts = counts;
  }

  void follow(JournalPosition followed) {
    position = followed;
  }

  /** Changes that no file tells yet. */
  public long lagChanges() {
    JournalPosition followed = position;
    return followed == null ? 0 : followed.lagChanges();
  }

  /** The age of the oldest change that no file tells yet; 0 when there is none. */
  public long lagNs() {
    JournalPosition followed = position;
    return followed == null ? 0 : followed.lagNs(clock.monotonicNs());
  }

  /** For how long the disk has been busy with its current operation; 0 when it is idle. */
  public long operationNs() {
    Operation operation = disk.current();
    return operation == null ? 0 : clock.monotonicNs() - operation.beganNs();
  }

  /** Returns what is wrong; null while changes are kept as they should be. */
  public @Nullable Degradation degradation() {
    Degradation hang = hang();
    return hang == null ? counts.failure() : hang;
  }

  private @Nullable Degradation hang() {
    Operation operation = disk.current();
    long operationNs = operation == null ? 0 : clock.monotonicNs() - operation.beganNs();
    if (operation != null && operationNs >= HANG_NS) {
      return since(operationNs, "the disk hangs in the " + operation);
    }
    long lagNs = lagNs();
    return lagNs >= HANG_NS && counts.failure() == null
        ? since(lagNs, "changes are written too slowly")
        : null;
  }

  private Degradation since(long ageNs, String reason) {
    return new Degradation(reason, clock.wallMs() - TimeUnit.NANOSECONDS.toMillis(ageNs));
  }

  /** Logs when the disk begins to hang and when it is over. Called about once a second. */
  public void watch() {
    Degradation hang = hang();
    if (hang != null && loggedReason == null) {
      LOG.warn(
          "{}, the node serves on; a restart would not know the latest changes changes={}",
          hang.reason(),
          lagChanges());
      loggedReason = hang.reason();
    } else if (hang == null && loggedReason != null) {
      LOG.info("over: {} changes={}", loggedReason, lagChanges());
      loggedReason = null;
    }
  }

  /** The state of the disk and of what is not written, for a log. */
  String summary() {
    Operation operation = disk.current();
    return "operation=%s seconds=%d changesNotWritten=%d"
        .formatted(
            operation == null ? "none" : operation,
            TimeUnit.NANOSECONDS.toSeconds(operationNs()),
            lagChanges());
  }
}
