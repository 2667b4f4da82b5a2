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
 * other and with the evictor. Results: whether the earlier heartbeat received 200, whether the
 * later one did, whether the evictor counted an eviction, and the deadline in effect. Needs three
 * cores.
 */
@JCStressTest
@Outcome(
    id = "true, true, false, later",
    expect = Expect.ACCEPTABLE,
    desc = "A renewal came first: the lease has the later heartbeat's deadline.")
@Outcome(
    id = "false, false, true, ended",
    expect = Expect.ACCEPTABLE,
    desc = "The eviction came first: both heartbeats are refused.")
@Outcome(
    id = "true, true, false, earlier",
    expect = Expect.FORBIDDEN,
    desc = "Shortened: the earlier heartbeat, delayed between its read and its write, overwrote the"
        + " later deadline with its own.")
@Outcome(
    id = {"true, .*, true, .*", ".*, true, true, .*"},
    expect = Expect.FORBIDDEN,
    desc =
        "Renewed but evicted: the evictor's compare-and-set succeeded on a deadline that had been"
            + " renewed in between.")
@Outcome(
    id = {"true, false, false, .*", "false, true, false, .*"},
    expect = Expect.FORBIDDEN,
    desc = "Refused although the lease is live: one heartbeat read the concurrent renewal as the"
        + " end of the lease, so a healthy client registers again.")
@State
public class LeaseRenewTwiceEvictStress {
  private static final long EARLIER_NS = StressedInstance.EXPIRED_NS;
  private static final long LATER_NS = EARLIER_NS + 5;
  private static final long LATER_DEADLINE_NS = LATER_NS + 2 * StressedInstance.DURATION_NS;

  private final Lease lease = StressedInstance.lease();

  /** Runs on one event loop. */
  @Actor
  public void renewEarlier(LLLL_Result result) {
    result.r1 = lease.renew(EARLIER_NS);
  }

  /** Runs on another event loop. */
  @Actor
  public void renewLater(LLLL_Result result) {
    result.r2 = lease.renew(LATER_NS);
  }

  /** Runs on the evictor thread. */
  @Actor
  public void evict(LLLL_Result result) {
    result.r3 = lease.evict(EARLIER_NS, 0);
  }

  /** Reads the outcome after both actors. */
  @Arbiter
  public void observe(LLLL_Result result) {
    if (lease.hasEnded()) {
      result.r4 = "ended";
    } else {
      result.r4 = lease.isExpired(LATER_DEADLINE_NS) ? "earlier" : "later";
    }
  }
}
