// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import java.io.IOException;
import java.util.BitSet;
import java.util.concurrent.TimeUnit;

/** Looks in the end for every instance of the fleet in what the registry shows. */
final class RegistrationAudit {
  private static final long LOOK_MS = 200;

  private final ScenarioContext stage;

  RegistrationAudit(ScenarioContext stage) {
    this.stage = stage;
  }

  /**
   * Looks until the registry shows the fleet as it is, or the time for that is over: what changed
   * last may be on its way, and stock servers answer reads from copies some 30 s old.
   */
  void take() throws InterruptedException {
    long endNs =
        System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(stage.scenario().settleMs());
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
    int present = stage.fleet().present();
    while (System.nanoTime() - endNs < 0) {
      var state = stage.drive().state();
      if (state.changesWaiting() == 0 && state.instances() == present && state.alive() == present) {
        return;
      }
      TimeUnit.MILLISECONDS.sleep(LOOK_MS);
    }
  }

  private boolean look() throws InterruptedException {
    BitSet beating = stage.fleet().beating();
    try {
      BitSet seen = stage.registry().seen();
      BitSet kept = (BitSet) beating.clone();
      kept.and(seen);
      seen.andNot(beating);
      seen.andNot(stage.fleet().silent());
      double share = beating.isEmpty() ? 1 : kept.cardinality() / (double) beating.cardinality();
      stage.findings().put("kept", share);
      stage.findings().put("strays", seen.cardinality());
      return kept.equals(beating) && seen.isEmpty();
    } catch (IOException e) {
      stage.tell("kept: the registry cannot be read: " + e.getMessage());
      return false;
    }
  }
}
