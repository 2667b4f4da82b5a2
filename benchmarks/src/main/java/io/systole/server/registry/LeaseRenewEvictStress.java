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
 * A heartbeat arrives, late, in the moment in which its lease is being evicted. Results: was the
 * heartbeat answered 200, did the evictor count an eviction, has the lease ended.
 */
@JCStressTest
@Outcome(
    id = "true, false, false",
    expect = Expect.ACCEPTABLE,
    desc = "The renewal came first: the evictor finds a lease that is no longer expired.")
@Outcome(
    id = "false, true, true",
    expect = Expect.ACCEPTABLE,
    desc = "The eviction came first: the client is told 404 and registers anew.")
@Outcome(
    id = "true, true, true",
    expect = Expect.FORBIDDEN,
    desc = "Answered 200 and gone: the evictor read an expired deadline, the renewal moved it, and"
        + " the evictor ended the lease all the same. The client goes on beating, satisfied, until"
        + " its next heartbeat is refused; until then nobody can find it.")
@Outcome(
    id = "true, true, false",
    expect = Expect.FORBIDDEN,
    desc =
        "Risen: the renewal wrote its deadline over the end of the lease. The table has dropped a"
            + " lease that believes it lives.")
@Outcome(
    id = "true, false, true",
    expect = Expect.FORBIDDEN,
    desc = "Ended by nobody: the lease is gone, yet no eviction is counted or told to anybody.")
@Outcome(
    id = "false, false, .*",
    expect = Expect.FORBIDDEN,
    desc = "Both lost: each took the other for the winner.")
@State
public class LeaseRenewEvictStress {
  private final Lease lease = StressedInstance.lease();

  /** The event loop. */
  @Actor
  public void renew(ZZZ_Result result) {
    result.r1 = lease.renew(StressedInstance.EXPIRED_NS);
  }

  /** The evictor. */
  @Actor
  public void evict(ZZZ_Result result) {
    result.r2 = lease.evict(StressedInstance.EXPIRED_NS, 0);
  }

  /** Afterwards. */
  @Arbiter
  public void look(ZZZ_Result result) {
    result.r3 = lease.hasEnded();
  }
}
