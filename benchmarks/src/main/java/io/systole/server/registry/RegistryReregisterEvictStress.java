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
 * An instance whose lease has just expired registers anew while the evictor passes by. Results:
 * what the registration was answered, how many evictions were counted, and what a heartbeat is
 * answered afterwards.
 */
@JCStressTest
@Outcome(
    id = "REGISTERED, 0, RENEWED",
    expect = Expect.ACCEPTABLE,
    desc = "The registration came first: the evictor finds a lease that is no longer expired.")
@Outcome(
    id = "REGISTERED, 1, RENEWED",
    expect = Expect.ACCEPTABLE,
    desc = "The eviction came first: the instance stands under a new lease.")
@Outcome(
    id = "REGISTERED, .*, UNKNOWN_INSTANCE",
    expect = Expect.FORBIDDEN,
    desc = "Answered 204 and gone: the evictor ended the old lease, the registration put a new one"
        + " under the same key, and the evictor then removed what it found under that key rather"
        + " than the lease it had ended.")
@Outcome(
    id = "FULL, .*, .*",
    expect = Expect.FORBIDDEN,
    desc = "Refused for want of room: an ended lease kept its slot.")
@State
public class RegistryReregisterEvictStress {
  private final Registry registry = StressedInstance.registry();

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
  public void renew(LLL_Result result) {
    result.r3 = registry.renew(
        StressedInstance.probe(),
        StressedInstance.EXPIRED_NS,
        StressedInstance.DOCUMENT.lastDirtyMs(),
        Origin.CLIENT);
  }
}
