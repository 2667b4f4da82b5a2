// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;

/**
 * An instance registers again with a shorter duration than before while the evictor searches for
 * expired leases. Results: the outcome of the registration, the number of evictions, and the number
 * of evictions after the new duration has passed.
 */
@JCStressTest
@Outcome(
    id = "REGISTERED, 0, 1",
    expect = Expect.ACCEPTABLE,
    desc = "Nothing had expired at first; later the new duration has passed.")
@Outcome(
    id = "REGISTERED, 0, 0",
    expect = Expect.FORBIDDEN,
    desc =
        "Overlooked: the evictor rescheduled the lease by its old deadline after the registration"
            + " had shortened it, and discarded the notice of the change. The dead instance stays"
            + " registered until the old deadline.")
@Outcome(
    id = "REGISTERED, 1, .*",
    expect = Expect.FORBIDDEN,
    desc = "Evicted early: a lease was evicted that had not expired.")
@State
public class RegistryReregisterScanStress {
  private final StressedInstance.StoppedClock clock = new StressedInstance.StoppedClock();
  private final Registry registry = StressedInstance.registryOfLongLease(clock);

  /** Runs on an event loop. */
  @Actor
  public void register(LLL_Result result) {
    result.r1 = registry.register(StressedInstance.DOCUMENT, Origin.CLIENT);
  }

  /** Runs on the evictor thread. */
  @Actor
  public void evict(LLL_Result result) {
    result.r2 = registry.expiry().evictExpired(0);
  }

  /** Reads the outcome after both actors. */
  @Arbiter
  public void evictLater(LLL_Result result) {
    clock.nowNs += StressedInstance.DURATION_NS + 1;
    result.r3 = registry.expiry().evictExpired(0);
  }
}
