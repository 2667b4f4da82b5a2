// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.server.registry.LeaseKey.LookupKey;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLLL_Result;

/**
 * An instance whose lease has just expired registers again, concurrently with an older heartbeat
 * and the evictor. Results: the outcome of the heartbeat, the outcome of the registration, the
 * number of evictions, and the outcome of a later heartbeat. Needs three cores.
 */
@JCStressTest
@Outcome(
    id = "(RENEWED|UNKNOWN_INSTANCE), REGISTERED, (0|1), RENEWED",
    expect = Expect.ACCEPTABLE,
    desc = "The registration is in effect, in whichever order the actors ran.")
@Outcome(
    id = ".*, REGISTERED, .*, UNKNOWN_INSTANCE",
    expect = Expect.FORBIDDEN,
    desc = "Registered but removed: the evictor ended the old lease, the registration put a new one"
        + " under the same key, and the evictor then removed the new lease instead of the one that"
        + " it had ended.")
@Outcome(
    id = ".*, FULL, .*, .*",
    expect = Expect.FORBIDDEN,
    desc = "Refused for lack of capacity: an ended lease kept its slot.")
@State
public class RegistryRenewReregisterEvictStress {
  private final Registry registry = StressedInstance.registry();
  private final LookupKey probe = StressedInstance.probe();

  /** Runs on one event loop. */
  @Actor
  public void renew(LLLL_Result result) {
    result.r1 = renewal();
  }

  /** Runs on another event loop. */
  @Actor
  public void register(LLLL_Result result) {
    result.r2 = registry.register(StressedInstance.DOCUMENT, Origin.CLIENT);
  }

  /** Runs on the evictor thread. */
  @Actor
  public void evict(LLLL_Result result) {
    result.r3 = registry.expiry().evictExpired(0);
  }

  /** Reads the outcome after both actors. */
  @Arbiter
  public void renewAgain(LLLL_Result result) {
    result.r4 = renewal();
  }

  private RenewOutcome renewal() {
    return registry.renew(
        probe, StressedInstance.EXPIRED_NS, StressedInstance.DOCUMENT.lastDirtyMs(), Origin.CLIENT);
  }
}
