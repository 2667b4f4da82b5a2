// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import static org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt.forClasses;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.LeaseInfo;
import io.systole.protocol.time.Clock;
import io.systole.server.registry.LeaseKey.LookupKey;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Test;

/**
 * Linearizability of register, renew, cancel, evict and lookup of one instance. Iteration over
 * several instances is not atomic. The time of each operation is a parameter, in seconds, so that
 * its effect depends only on preceding operations.
 */
@Param(name = "second", gen = IntGen.class, conf = "0:4")
public final class LeaseTableLincheck {
  private static final int DURATION_SECS = 1;
  private static final int LEASES_MAX = 4;
  private static final int WALKED_MAX = 10_000;

  private static final InstanceInfo DOCUMENT = InstanceInfo.builder()
      .instanceId("i-1")
      .app("DEMO")
      .leaseInfo(new LeaseInfo(1, DURATION_SECS, 0, 0, 0, 0))
      .build();

  private final TimeOfOperation time = new TimeOfOperation();
  private final Registry registry =
      new Registry(new RegistrySettings(LEASES_MAX, true, 180_000, 1_000), time);

  /** As an event loop does for a POST. */
  @Operation
  public RegisterOutcome register(@Param(name = "second") int second) {
    time.set(second);
    return registry.register(DOCUMENT, Origin.CLIENT);
  }

  /** As an event loop does for a PUT. */
  @Operation
  public RenewOutcome renew(@Param(name = "second") int second) {
    LookupKey probe = LookupKey.of(DOCUMENT.key());
    long nowNs = TimeUnit.SECONDS.toNanos(second);
    return registry.renew(probe, nowNs, Registry.NO_TIMESTAMP, Origin.CLIENT);
  }

  /** As an event loop does for several PUTs in one read, one of them of another instance. */
  @Operation
  public boolean renewInBatch(@Param(name = "second") int second) {
    RenewalBatch batch = new RenewalBatch();
    add(batch, "DEMO/unknown");
    add(batch, "DEMO/i-1");
    registry.renewal().renew(batch, TimeUnit.SECONDS.toNanos(second), RenewedSlots.NONE);
    return batch.isRenewed(1);
  }

  private static void add(RenewalBatch batch, String path) {
    byte[] bytes = path.getBytes(StandardCharsets.US_ASCII);
    batch.add(Registry.NO_TIMESTAMP).aim(bytes, 0, path.indexOf('/'), bytes.length);
  }

  /** As an event loop does for a DELETE. */
  @Operation
  public boolean cancel() {
    return registry.cancel(DOCUMENT.key(), Origin.CLIENT);
  }

  /** As an event loop does for a GET. */
  @Operation
  public boolean isFound(@Param(name = "second") int second) {
    time.set(second);
    return registry.find(DOCUMENT.key()) != null;
  }

  /** As the evictor does. */
  @Operation
  public boolean evict(@Param(name = "second") int second) {
    time.set(second);
    return registry.expiry().evictExpired(0) > 0;
  }

  @Test
  void operations_everyInterleavingOfAFew_areLinearizable() {
    new ModelCheckingOptions()
        .threads(2)
        .actorsBefore(2)
        .actorsPerThread(2)
        .actorsAfter(2)
        .iterations(30)
        .invocationsPerIteration(500)
        // The iteration over due buckets is not an endless loop.
        .loopBound(WALKED_MAX)
        // Pure functions, excluded because the checker does not support byte array views.
        .addGuarantee(
            forClasses(LeaseKey.class.getName()).methods("word", "hashOf").ignore())
        .sequentialSpecification(OneAfterTheOther.class)
        .check(LeaseTableLincheck.class);
  }

  @Test
  void operations_underLoad_areLinearizable() {
    new StressOptions()
        .threads(3)
        .actorsBefore(2)
        .actorsPerThread(3)
        .actorsAfter(2)
        .iterations(50)
        .invocationsPerIteration(1_000)
        .sequentialSpecification(OneAfterTheOther.class)
        .check(LeaseTableLincheck.class);
  }

  /** The sequential specification: one deadline, or none. */
  public static final class OneAfterTheOther {
    private static final int NONE = Integer.MIN_VALUE;

    private int deadline = NONE;

    /** Starts or restarts a lease. */
    public RegisterOutcome register(int second) {
      deadline = second + DURATION_SECS;
      return RegisterOutcome.REGISTERED;
    }

    /** Extends a lease, never shortens it. */
    public RenewOutcome renew(int second) {
      if (deadline == NONE) {
        return RenewOutcome.UNKNOWN_INSTANCE;
      }
      deadline = Math.max(deadline, second + 2 * DURATION_SECS);
      return RenewOutcome.RENEWED;
    }

    /** Extends a lease like {@link #renew}. */
    public boolean renewInBatch(int second) {
      return renew(second) == RenewOutcome.RENEWED;
    }

    /** Ends a lease. */
    public boolean cancel() {
      boolean wasLive = deadline != NONE;
      deadline = NONE;
      return wasLive;
    }

    /** Returns whether there is a lease that has not expired. */
    public boolean isFound(int second) {
      return deadline != NONE && second <= deadline;
    }

    /** Ends a lease that has expired. */
    public boolean evict(int second) {
      return deadline != NONE && second > deadline && cancel();
    }
  }

  /** A clock with the time of the operation on this thread. */
  private static final class TimeOfOperation implements Clock {
    private final ThreadLocal<Long> nowNs = ThreadLocal.withInitial(() -> 0L);

    void set(int second) {
      nowNs.set(TimeUnit.SECONDS.toNanos(second));
    }

    @Override
    public long wallMs() {
      return TimeUnit.NANOSECONDS.toMillis(monotonicNs());
    }

    @Override
    public long monotonicNs() {
      return nowNs.get();
    }
  }
}
