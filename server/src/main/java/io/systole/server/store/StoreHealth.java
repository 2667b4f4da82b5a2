// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.protocol.time.Clock;
import io.systole.server.store.StoreCounters.Degradation;
import io.systole.server.store.TimedStorage.Operation;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lag of the files behind the registry, computed by the reader since the writer may be blocked
 * on the disk. Reads are thread-safe.
 */
public final class StoreHealth {
  /**
   * Time after which an operation or an unwritten change counts as a hang. Disks that are merely
   * busy take a second or two.
   */
  static final long HANG_NS = TimeUnit.SECONDS.toNanos(5);

  private static final Logger LOG = LoggerFactory.getLogger(StoreHealth.class);

  private final Clock clock;
  private final TimedStorage disk;
  private final StoreCounters counters;

  /** Null until the store starts to write. */
  private volatile @Nullable JournalPosition position;

  /** Accessed only by the thread that calls {@link #watch}. */
  private @Nullable String loggedReason;

  StoreHealth(Clock clock, TimedStorage disk, StoreCounters counters) {
    this.clock = clock;
    this.disk = disk;
    this.counters = counters;
  }

  void follow(JournalPosition followed) {
    position = followed;
  }

  /** Returns the number of changes that no file contains yet. */
  public long lagChanges() {
    JournalPosition followed = position;
    return followed == null ? 0 : followed.lagChanges();
  }

  /** Returns the age of the oldest change that no file contains yet; 0 if there is none. */
  public long lagNs() {
    JournalPosition followed = position;
    return followed == null ? 0 : followed.lagNs(clock.monotonicNs());
  }

  /** Returns the duration of the current disk operation; 0 if the disk is idle. */
  public long operationNs() {
    Operation operation = disk.current();
    return operation == null ? 0 : clock.monotonicNs() - operation.beganNs();
  }

  /** Returns the current degradation; null while changes are persisted as configured. */
  public @Nullable Degradation degradation() {
    Degradation hang = hang();
    return hang == null ? counters.degradation() : hang;
  }

  private @Nullable Degradation hang() {
    Operation operation = disk.current();
    long operationNs = operation == null ? 0 : clock.monotonicNs() - operation.beganNs();
    if (operation != null && operationNs >= HANG_NS) {
      return since(operationNs, "the disk hangs in the " + operation);
    }
    long lagNs = lagNs();
    return lagNs >= HANG_NS && counters.degradation() == null
        ? since(lagNs, "changes are written too slowly")
        : null;
  }

  private Degradation since(long ageNs, String reason) {
    return new Degradation(reason, clock.wallMs() - TimeUnit.NANOSECONDS.toMillis(ageNs));
  }

  /** Logs when a hang of the disk begins and ends. Called about once a second. */
  public void watch() {
    Degradation hang = hang();
    if (hang != null && loggedReason == null) {
      LOG.warn(
          "{}; the node keeps serving, a restart would lose the latest changes changes={}",
          hang.reason(),
          lagChanges());
      loggedReason = hang.reason();
    } else if (hang == null && loggedReason != null) {
      LOG.info("no longer: {} changes={}", loggedReason, lagChanges());
      loggedReason = null;
    }
  }

  /** Returns the current disk operation and the lag, for a log message. */
  String summary() {
    Operation operation = disk.current();
    return "operation=%s seconds=%d changesNotWritten=%d"
        .formatted(
            operation == null ? "none" : operation,
            TimeUnit.NANOSECONDS.toSeconds(operationNs()),
            lagChanges());
  }
}
