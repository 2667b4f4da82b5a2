// SPDX-License-Identifier: Apache-2.0
package io.systole.server.hostile;

import java.util.List;
import java.util.concurrent.ExecutionException;

/** Attacks, and polls of an operator, that run concurrently. */
final class AttackRun implements AutoCloseable {
  private final Attackers attackers;
  private final List<Attack> attacks;

  AttackRun(Attackers attackers, List<Attack> attacks) {
    this.attackers = attackers;
    this.attacks = List.copyOf(attacks);
    attackers.launch(this.attacks);
  }

  void resume() throws InterruptedException, ExecutionException {
    attackers.resume();
  }

  void pause() throws InterruptedException, ExecutionException {
    attackers.pause();
  }

  void addTo(Findings findings) {
    for (Attack attack : attacks) {
      attack
          .stats()
          .violations()
          .forEach(
              (what, count) -> findings.add(attack.stats().name() + ": " + count + " x " + what));
    }
  }

  @Override
  public void close() {
    attackers.close();
  }

  /** Returns the counters of each attack. */
  List<String> lines() {
    return attacks.stream().map(attack -> attack.stats().toString()).toList();
  }

  @Override
  public String toString() {
    return String.join(System.lineSeparator(), lines());
  }
}
