// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import static org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt.forClasses;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.LeaseInfo;
import io.systole.server.time.Clock;
import java.util.concurrent.TimeUnit;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Test;

/**
 * Whatever register, renew, cancel, evict and look up do to one instance at the same time, they
 * might as well have done one after the other. One instance only: a walk over several is not one
 * moment, nor is it meant to be. Every operation brings its own time with it, in seconds, so that
 * what it does depends on nothing but what was done before.
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
    return registry.evictExpired(0) > 0;
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
        // The evictor's walk over what is due is no endless loop.
        .loopBound(WALKED_MAX)
        // Pure functions; a view of an array as longs is more than the checker knows.
        .addGuarantee(forClasses(KeyHash.class.getName()).allMethods().ignore())
        .addGuarantee(forClasses(KeyWords.class.getName()).allMethods().ignore())
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

  /** The obvious version: one deadline, or none. */
  public static final class OneAfterTheOther {
    private static final int NONE = Integer.MIN_VALUE;

    private int deadline = NONE;

    /** Begins a lease, or begins it anew. */
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

    /** Ends a lease. */
    public boolean cancel() {
      boolean wasLiving = deadline != NONE;
      deadline = NONE;
      return wasLiving;
    }

    /** Tells of a lease that has not expired. */
    public boolean isFound(int second) {
      return deadline != NONE && second <= deadline;
    }

    /** Ends a lease that has expired. */
    public boolean evict(int second) {
      return deadline != NONE && second > deadline && cancel();
    }
  }

  /** What the operation on this thread takes for the present. */
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
