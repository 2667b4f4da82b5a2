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
 * Two heartbeats of one instance arrive on two connections a few nanoseconds apart. Results: was
 * the earlier one answered 200, was the later, and whose deadline stands.
 */
@JCStressTest
@Outcome(
    id = "true, true, later",
    expect = Expect.ACCEPTABLE,
    desc = "The lease stands until the later heartbeat's deadline.")
@Outcome(
    id = "true, true, earlier",
    expect = Expect.FORBIDDEN,
    desc = "Shortened: the earlier heartbeat, delayed between its reading and its writing, put its"
        + " own deadline over the later one's.")
@Outcome(
    id = {"false, .*, .*", ".*, false, .*"},
    expect = Expect.FORBIDDEN,
    desc =
        "Refused though it lives: one heartbeat took its race with the other for the lease's end,"
            + " so a healthy client registers anew.")
@State
public class LeaseRenewTwiceStress {
  private static final long EARLIER_NS = StressedInstance.EXPIRED_NS;
  private static final long LATER_NS = EARLIER_NS + 5;
  private static final long LATER_DEADLINE_NS = LATER_NS + 2 * StressedInstance.DURATION_NS;

  private final Lease lease = StressedInstance.lease();

  /** One event loop. */
  @Actor
  public void renewEarlier(ZZL_Result result) {
    result.r1 = lease.renew(EARLIER_NS);
  }

  /** Another event loop. */
  @Actor
  public void renewLater(ZZL_Result result) {
    result.r2 = lease.renew(LATER_NS);
  }

  /** Afterwards. */
  @Arbiter
  public void look(ZZL_Result result) {
    result.r3 = lease.isExpired(LATER_DEADLINE_NS) ? "earlier" : "later";
  }
}
