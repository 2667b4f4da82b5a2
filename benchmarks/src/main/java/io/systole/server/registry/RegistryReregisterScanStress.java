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
 * An instance registers anew, for a shorter term than before, while the evictor looks for what has
 * expired. Results: what the registration was answered, how many evictions were counted, and how
 * many are counted later, when the new term is over.
 */
@JCStressTest
@Outcome(
    id = "REGISTERED, 0, 1",
    expect = Expect.ACCEPTABLE,
    desc = "Nothing had expired; later the new term has.")
@Outcome(
    id = "REGISTERED, 0, 0",
    expect = Expect.FORBIDDEN,
    desc = "Overlooked: the evictor put the lease where its old deadline said, after the"
        + " registration had brought that nearer, and took the note of it for dealt with. The dead"
        + " instance is listed until the old term is over.")
@Outcome(
    id = "REGISTERED, 1, .*",
    expect = Expect.FORBIDDEN,
    desc = "Ended by neither term: a lease was evicted that had not expired.")
@State
public class RegistryReregisterScanStress {
  private final StressedInstance.StoppedClock clock = new StressedInstance.StoppedClock();
  private final Registry registry = StressedInstance.registryOfLongLease(clock);

  /** An event loop. */
  @Actor
  public void register(LLL_Result result) {
    result.r1 = registry.register(StressedInstance.DOCUMENT, Origin.CLIENT);
  }

  /** The evictor. */
  @Actor
  public void evict(LLL_Result result) {
    result.r2 = registry.evictExpired(0);
  }

  /** Afterwards. */
  @Arbiter
  public void evictLater(LLL_Result result) {
    clock.nowNs += StressedInstance.DURATION_NS + 1;
    result.r3 = registry.evictExpired(0);
  }
}
