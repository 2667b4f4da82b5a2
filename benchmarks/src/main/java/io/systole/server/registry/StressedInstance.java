// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.LeaseInfo;
import io.systole.protocol.time.Clock;
import io.systole.server.registry.LeaseKey.LookupKey;
import java.util.concurrent.TimeUnit;

/** The instance, keys, leases and registries that the stress tests share. */
final class StressedInstance {
  private static final int DURATION_SECS = 1;

  static final long DURATION_NS = TimeUnit.SECONDS.toNanos(DURATION_SECS);

  /** Time at which the lease under stress was registered, monotonic ns. */
  static final long REGISTERED_NS = 1_000;

  /** A time at which that lease has expired unless it was renewed, monotonic ns. */
  static final long EXPIRED_NS = REGISTERED_NS + DURATION_NS + 1;

  static final InstanceInfo DOCUMENT = InstanceInfo.builder()
      .instanceId("i-1")
      .app("DEMO")
      .hostName("h")
      .ipAddr("10.0.0.1")
      .status(InstanceStatus.UP)
      .leaseInfo(new LeaseInfo(1, DURATION_SECS, 0, 0, 0, 0))
      .lastDirtyMs(1)
      .build();

  /** Another instance. */
  static final InstanceInfo OTHER_DOCUMENT =
      DOCUMENT.toBuilder().instanceId("i-2").build();

  private static final LookupKey KEY = LookupKey.of(DOCUMENT.key());
  private static final LeaseHolder HOLDER = new LeaseHolder(DOCUMENT, null, REGISTERED_NS);

  private StressedInstance() {}

  /** Returns a lease that expires just before {@link #EXPIRED_NS}. */
  static Lease lease() {
    return new Lease(KEY, 0, HOLDER, false);
  }

  /** Returns a new lookup key. Keys are not thread-safe. */
  static LookupKey probe() {
    return LookupKey.of(DOCUMENT.key());
  }

  /** Returns a registry of capacity two with this instance, whose lease has just expired. */
  static Registry registry() {
    StoppedClock clock = new StoppedClock();
    Registry registry = new Registry(new RegistrySettings(2, true, 180_000, 1_000), clock);
    registry.register(DOCUMENT, Origin.CLIENT);
    clock.nowNs = EXPIRED_NS;
    return registry;
  }

  /**
   * Returns a registry with this instance under a lease of much longer duration, whose deadline the
   * evictor has not examined yet.
   */
  static Registry registryOfLongLease(StoppedClock clock) {
    Registry registry = new Registry(new RegistrySettings(2, true, 180_000, 1_000), clock);
    LeaseInfo longLease = new LeaseInfo(1, 1_000 * DURATION_SECS, 0, 0, 0, 0);
    registry.register(DOCUMENT.toBuilder().leaseInfo(longLease).build(), Origin.CLIENT);
    clock.nowNs = EXPIRED_NS;
    return registry;
  }

  /** A clock that moves only when set. Written before and after the actors run, read by them. */
  static final class StoppedClock implements Clock {
    long nowNs = REGISTERED_NS;

    @Override
    public long wallMs() {
      return TimeUnit.NANOSECONDS.toMillis(nowNs);
    }

    @Override
    public long monotonicNs() {
      return nowNs;
    }
  }
}
