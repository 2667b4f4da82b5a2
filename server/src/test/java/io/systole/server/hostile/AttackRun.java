// SPDX-License-Identifier: Apache-2.0
package io.systole.server.hostile;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;

/** All attacks and the polls of an operator, run concurrently. */
final class AttackRun implements AutoCloseable {
  private final Attackers attackers;
  private final List<Attack> attacks = new ArrayList<>();

  AttackRun(NodePort target, long seed) {
    attackers = new Attackers(target);
    Attacks made = new Attacks(attackers, seed);
    attacks.addAll(made.all());
    attacks.addAll(made.polls());
    attackers.launch(attacks);
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

  @Override
  public String toString() {
    return attacks.stream()
        .map(attack -> attack.stats().toString())
        .collect(Collectors.joining(System.lineSeparator()));
  }
}
