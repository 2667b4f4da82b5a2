// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/**
 * A lookup has found a lease in the hash table and offers it to the index, while the lease is
 * cancelled and removed. Result: the entry of the index afterwards.
 */
@JCStressTest
@Outcome(
    id = "null",
    expect = Expect.ACCEPTABLE,
    desc = "The offer found that the lease had ended, or the removal found the lease.")
@Outcome(
    id = "kept",
    expect = Expect.FORBIDDEN,
    desc = "Leaked: the offer read the word before the lease ended, and the removal read the entry"
        + " before the lease was stored. The ended lease and its document stay reachable.")
@State
public class LeaseIndexOfferRemoveStress {
  private final LeaseIndex index = new LeaseIndex(0);
  private final Lease lease = StressedInstance.lease();

  /** Runs on an event loop. */
  @Actor
  public void offer() {
    index.offer(lease);
  }

  /** Runs on another event loop. */
  @Actor
  public void remove() {
    lease.cancel();
    index.remove(lease);
  }

  /** Reads the entry after both actors. */
  @Arbiter
  public void read(L_Result result) {
    result.r1 = index.entry(lease.hash) == null ? null : "kept";
  }
}
