// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import java.io.IOException;
import java.util.BitSet;
import java.util.concurrent.TimeUnit;

/** Looks in the end for every instance of the fleet in what the registry shows. */
final class RegistrationAudit {
  private static final long LOOK_MS = 200;

  private final ScenarioContext context;

  RegistrationAudit(ScenarioContext context) {
    this.context = context;
  }

  /**
   * Looks until the registry shows the fleet as it is, or the time for that is over: what changed
   * last may be on its way, and stock servers answer reads from copies some 30 s old.
   */
  void take() throws InterruptedException {
    long endNs =
        System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(context.scenario().settleMs());
    awaitChanges(endNs);
    boolean isRight = false;
    while (!isRight) {
      isRight = look();
      if (System.nanoTime() - endNs >= 0) {
        return;
      }
      if (!isRight) {
        TimeUnit.MILLISECONDS.sleep(LOOK_MS);
      }
    }
  }

  /** Waits for the answers to what the client has still to change. */
  private void awaitChanges(long endNs) throws InterruptedException {
    int present = context.fleet().present();
    while (System.nanoTime() - endNs < 0) {
      var state = context.drive().state();
      if (state.changesWaiting() == 0 && state.instances() == present && state.alive() == present) {
        return;
      }
      TimeUnit.MILLISECONDS.sleep(LOOK_MS);
    }
  }

  private boolean look() throws InterruptedException {
    BitSet beating = context.fleet().beating();
    try {
      BitSet seen = context.registry().seen();
      BitSet kept = (BitSet) beating.clone();
      kept.and(seen);
      seen.andNot(beating);
      seen.andNot(context.fleet().silent());
      double share = beating.isEmpty() ? 1 : kept.cardinality() / (double) beating.cardinality();
      context.findings().put("kept", share);
      context.findings().put("strays", seen.cardinality());
      return kept.equals(beating) && seen.isEmpty();
    } catch (IOException e) {
      context.report("kept: the registry cannot be read: " + e.getMessage());
      return false;
    }
  }
}
