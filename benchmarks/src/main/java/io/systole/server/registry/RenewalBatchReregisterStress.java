// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import java.nio.charset.StandardCharsets;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLLL_Result;

/**
 * Two heartbeats of one instance, read together, while the evictor ends its lease, which has just
 * expired, and the instance registers again. Results: whether each heartbeat renewed a lease, the
 * outcome of the registration, and whether a later heartbeat renewed one.
 */
@JCStressTest
@Outcome(
    id = "true, true, REGISTERED, true",
    expect = Expect.ACCEPTABLE,
    desc = "Both before the eviction, or after the registration.")
@Outcome(
    id = "false, (true|false), REGISTERED, true",
    expect = Expect.ACCEPTABLE,
    desc = "The first, or both, between eviction and registration.")
@Outcome(
    id = "true, false, REGISTERED, true",
    expect = Expect.FORBIDDEN,
    desc = "Lost: the first heartbeat was answered with 200, and the lease was gone at the second.")
@Outcome(
    id = ".*, .*, .*, false",
    expect = Expect.FORBIDDEN,
    desc = "Not found: the index has a lease that has ended, or lacks the one in the hash table and"
        + " the hash table was not asked.")
@State
public class RenewalBatchReregisterStress {
  private static final byte[] PATH = "DEMO/i-1".getBytes(StandardCharsets.US_ASCII);

  private final Registry registry = StressedInstance.registry();
  private final RenewalBatch batch = new RenewalBatch();

  /** Runs on one event loop. */
  @Actor
  public void renewTwice(LLLL_Result result) {
    renewBatch();
    result.r1 = batch.isRenewed(0);
    result.r2 = batch.isRenewed(1);
  }

  /** Runs on the evictor thread, then on another event loop. */
  @Actor
  public void evictAndRegister(LLLL_Result result) {
    registry.expiry().evictExpired(0);
    result.r3 = registry.register(StressedInstance.DOCUMENT, Origin.CLIENT);
  }

  /** Reads the outcome after both actors. */
  @Arbiter
  public void renewAgain(LLLL_Result result) {
    renewBatch();
    result.r4 = batch.isRenewed(0) && batch.isRenewed(1);
  }

  private void renewBatch() {
    for (int i = 0; i < 2; i++) {
      batch.add(StressedInstance.DOCUMENT.lastDirtyMs()).aim(PATH, 0, "DEMO".length(), PATH.length);
    }
    registry.renewal().renew(batch, StressedInstance.EXPIRED_NS, RenewedSlots.NONE);
  }
}
