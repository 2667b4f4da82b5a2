// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZL_Result;

/**
 * Two heartbeats of one instance arrive on two connections, a few nanoseconds apart. Results:
 * whether the earlier one received 200, whether the later one did, and the deadline in effect.
 */
@JCStressTest
@Outcome(
    id = "true, true, later",
    expect = Expect.ACCEPTABLE,
    desc = "The lease has the later heartbeat's deadline.")
@Outcome(
    id = "true, true, earlier",
    expect = Expect.FORBIDDEN,
    desc = "Shortened: the earlier heartbeat, delayed between its read and its write, overwrote the"
        + " later deadline with its own.")
@Outcome(
    id = {"false, .*, .*", ".*, false, .*"},
    expect = Expect.FORBIDDEN,
    desc = "Refused although the lease is live: one heartbeat read the concurrent renewal as the"
        + " end of the lease, so a healthy client registers again.")
@State
public class LeaseRenewTwiceStress {
  private static final long EARLIER_NS = StressedInstance.EXPIRED_NS;
  private static final long LATER_NS = EARLIER_NS + 5;
  private static final long LATER_DEADLINE_NS = LATER_NS + 2 * StressedInstance.DURATION_NS;

  private final Lease lease = StressedInstance.lease();

  /** Runs on one event loop. */
  @Actor
  public void renewEarlier(ZZL_Result result) {
    result.r1 = lease.renew(EARLIER_NS);
  }

  /** Runs on another event loop. */
  @Actor
  public void renewLater(ZZL_Result result) {
    result.r2 = lease.renew(LATER_NS);
  }

  /** Reads the outcome after both actors. */
  @Arbiter
  public void observe(ZZL_Result result) {
    result.r3 = lease.isExpired(LATER_DEADLINE_NS) ? "earlier" : "later";
  }
}
