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
 * An instance whose lease has just expired registers anew, while an older heartbeat of it is on its
 * way and the evictor passes by. Results: what the heartbeat was answered, what the registration
 * was answered, how many evictions were counted, and what a heartbeat is answered afterwards. Needs
 * three cores.
 */
@JCStressTest
@Outcome(
    id = "(RENEWED|UNKNOWN_INSTANCE), REGISTERED, (0|1), RENEWED",
    expect = Expect.ACCEPTABLE,
    desc = "The registration stands, whoever came first.")
@Outcome(
    id = ".*, REGISTERED, .*, UNKNOWN_INSTANCE",
    expect = Expect.FORBIDDEN,
    desc = "Answered 204 and gone: the evictor ended the old lease, the registration put a new one"
        + " under the same key, and the evictor then removed what it found under that key rather"
        + " than the lease it had ended.")
@Outcome(
    id = ".*, FULL, .*, .*",
    expect = Expect.FORBIDDEN,
    desc = "Refused for want of room: an ended lease kept its slot.")
@State
public class RegistryRenewReregisterEvictStress {
  private final Registry registry = StressedInstance.registry();
  private final LookupKey probe = StressedInstance.probe();

  /** One event loop. */
  @Actor
  public void renew(LLLL_Result result) {
    result.r1 = renewal();
  }

  /** Another event loop. */
  @Actor
  public void register(LLLL_Result result) {
    result.r2 = registry.register(StressedInstance.DOCUMENT, Origin.CLIENT);
  }

  /** The evictor. */
  @Actor
  public void evict(LLLL_Result result) {
    result.r3 = registry.evictExpired(0);
  }

  /** Afterwards. */
  @Arbiter
  public void renewAgain(LLLL_Result result) {
    result.r4 = renewal();
  }

  private RenewOutcome renewal() {
    return registry.renew(
        probe, StressedInstance.EXPIRED_NS, StressedInstance.DOCUMENT.lastDirtyMs(), Origin.CLIENT);
  }
}
