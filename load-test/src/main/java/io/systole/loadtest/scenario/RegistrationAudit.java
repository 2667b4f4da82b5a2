// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import java.io.IOException;
import java.util.BitSet;
import java.util.concurrent.TimeUnit;

/** A comparison of the fleet with the registry's content at the end of a scenario. */
final class RegistrationAudit {
  private static final long POLL_MS = 200;

  private final ScenarioContext context;

  RegistrationAudit(ScenarioContext context) {
    this.context = context;
  }

  /**
   * Reads the registry until it matches the fleet, at most the settle time: changes may be in
   * progress, and stock servers serve reads from caches that are up to 30 s old.
   */
  void run() throws InterruptedException {
    long endNs =
        System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(context.scenario().settleMs());
    awaitChanges(endNs);
    boolean isComplete = false;
    while (!isComplete) {
      isComplete = check();
      if (System.nanoTime() - endNs >= 0) {
        return;
      }
      if (!isComplete) {
        TimeUnit.MILLISECONDS.sleep(POLL_MS);
      }
    }
  }

  /** Waits for outstanding registrations and cancels. */
  private void awaitChanges(long endNs) throws InterruptedException {
    int expected = context.fleet().registeredCount();
    while (System.nanoTime() - endNs < 0) {
      var state = context.session().state();
      if (state.changesWaiting() == 0
          && state.instances() == expected
          && state.alive() == expected) {
        return;
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MS);
    }
  }

  private boolean check() throws InterruptedException {
    BitSet active = context.fleet().active();
    try {
      BitSet registered = context.registry().instanceIndices();
      BitSet found = (BitSet) active.clone();
      found.and(registered);
      registered.andNot(active);
      registered.andNot(context.fleet().stopped());
      double share = active.isEmpty() ? 1 : found.cardinality() / (double) active.cardinality();
      context.metrics().put("kept", share);
      context.metrics().put("strays", registered.cardinality());
      return found.equals(active) && registered.isEmpty();
    } catch (IOException e) {
      context.recordEvent("kept: the registry cannot be read: " + e.getMessage());
      return false;
    }
  }
}
