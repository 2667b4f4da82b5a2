// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZZ_Result;

/**
 * A late heartbeat races with the eviction of its lease. Results: whether the heartbeat received
 * 200, whether the evictor counted an eviction, and whether the lease has ended.
 */
@JCStressTest
@Outcome(
    id = "true, false, false",
    expect = Expect.ACCEPTABLE,
    desc = "The renewal came first: the evictor finds a lease that is no longer expired.")
@Outcome(
    id = "false, true, true",
    expect = Expect.ACCEPTABLE,
    desc = "The eviction came first: the client receives 404 and registers again.")
@Outcome(
    id = "true, true, true",
    expect = Expect.FORBIDDEN,
    desc = "Renewed but evicted: the evictor read an expired deadline, the renewal extended it, and"
        + " the evictor ended the lease nevertheless. The instance is missing from the registry"
        + " until its next heartbeat receives 404.")
@Outcome(
    id = "true, true, false",
    expect = Expect.FORBIDDEN,
    desc = "Revived: the renewal overwrote the end of the lease, which the table has already"
        + " removed.")
@Outcome(
    id = "true, false, true",
    expect = Expect.FORBIDDEN,
    desc = "Ended without an eviction: the lease has ended, yet no eviction was counted.")
@Outcome(
    id = "false, false, .*",
    expect = Expect.FORBIDDEN,
    desc = "Neither succeeded: the heartbeat was refused and the lease was not evicted.")
@State
public class LeaseRenewEvictStress {
  private final Lease lease = StressedInstance.lease();

  /** Runs on the event loop. */
  @Actor
  public void renew(ZZZ_Result result) {
    result.r1 = lease.renew(StressedInstance.EXPIRED_NS);
  }

  /** Runs on the evictor thread. */
  @Actor
  public void evict(ZZZ_Result result) {
    result.r2 = lease.evict(StressedInstance.EXPIRED_NS, 0);
  }

  /** Reads the outcome after both actors. */
  @Arbiter
  public void observe(ZZZ_Result result) {
    result.r3 = lease.hasEnded();
  }
}
