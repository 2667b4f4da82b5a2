// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLLL_Result;

/**
 * Two heartbeats of one instance, on two connections and a few nanoseconds apart, race with each
 * other and with the evictor. Results: was the earlier heartbeat answered 200, was the later, did
 * the evictor count an eviction, and whose deadline stands. Needs three cores.
 */
@JCStressTest
@Outcome(
    id = "true, true, false, later",
    expect = Expect.ACCEPTABLE,
    desc = "A renewal came first: the lease stands until the later heartbeat's deadline.")
@Outcome(
    id = "false, false, true, ended",
    expect = Expect.ACCEPTABLE,
    desc = "The eviction came first: both heartbeats are refused.")
@Outcome(
    id = "true, true, false, earlier",
    expect = Expect.FORBIDDEN,
    desc = "Shortened: the earlier heartbeat, delayed between its reading and its writing, put its"
        + " own deadline over the later one's.")
@Outcome(
    id = {"true, .*, true, .*", ".*, true, true, .*"},
    expect = Expect.FORBIDDEN,
    desc = "Answered 200 and gone: the evictor's compare-and-set succeeded on a deadline that had"
        + " been renewed in between.")
@Outcome(
    id = {"true, false, false, .*", "false, true, false, .*"},
    expect = Expect.FORBIDDEN,
    desc =
        "Refused though it lives: one heartbeat took its race with the other for the lease's end,"
            + " so a healthy client registers anew.")
@State
public class LeaseRenewTwiceEvictStress {
  private static final long EARLIER_NS = StressedInstance.EXPIRED_NS;
  private static final long LATER_NS = EARLIER_NS + 5;
  private static final long LATER_DEADLINE_NS = LATER_NS + 2 * StressedInstance.DURATION_NS;

  private final Lease lease = StressedInstance.lease();

  /** One event loop. */
  @Actor
  public void renewEarlier(LLLL_Result result) {
    result.r1 = lease.renew(EARLIER_NS);
  }

  /** Another event loop. */
  @Actor
  public void renewLater(LLLL_Result result) {
    result.r2 = lease.renew(LATER_NS);
  }

  /** The evictor. */
  @Actor
  public void evict(LLLL_Result result) {
    result.r3 = lease.evict(EARLIER_NS, 0);
  }

  /** Afterwards. */
  @Arbiter
  public void look(LLLL_Result result) {
    if (lease.hasEnded()) {
      result.r4 = "ended";
    } else {
      result.r4 = lease.isExpired(LATER_DEADLINE_NS) ? "earlier" : "later";
    }
  }
}
