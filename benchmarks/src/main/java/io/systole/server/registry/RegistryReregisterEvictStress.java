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
 * An instance whose lease has just expired registers again, concurrently with the evictor. Results:
 * the outcome of the registration, the number of evictions, and the outcome of a later heartbeat.
 */
@JCStressTest
@Outcome(
    id = "REGISTERED, 0, RENEWED",
    expect = Expect.ACCEPTABLE,
    desc = "The registration came first: the evictor finds a lease that is no longer expired.")
@Outcome(
    id = "REGISTERED, 1, RENEWED",
    expect = Expect.ACCEPTABLE,
    desc = "The eviction came first: the instance has a new lease.")
@Outcome(
    id = "REGISTERED, .*, UNKNOWN_INSTANCE",
    expect = Expect.FORBIDDEN,
    desc = "Registered but removed: the evictor ended the old lease, the registration put a new one"
        + " under the same key, and the evictor then removed the new lease instead of the one that"
        + " it had ended.")
@Outcome(
    id = "FULL, .*, .*",
    expect = Expect.FORBIDDEN,
    desc = "Refused for lack of capacity: an ended lease kept its slot.")
@State
public class RegistryReregisterEvictStress {
  private final Registry registry = StressedInstance.registry();

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
  public void renew(LLL_Result result) {
    result.r3 = registry.renew(
        StressedInstance.probe(),
        StressedInstance.EXPIRED_NS,
        StressedInstance.DOCUMENT.lastDirtyMs(),
        Origin.CLIENT);
  }
}
