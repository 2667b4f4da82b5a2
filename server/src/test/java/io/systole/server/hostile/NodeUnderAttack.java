// SPDX-License-Identifier: Apache-2.0
package io.systole.server.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One node with 512 MiB of heap and a fleet of 20,000 instances under all attacks at once, killed
 * three times and restarted on its data directory. The property {@code systole.hostile.seconds} is
 * the total duration of the attacks, {@code systole.hostile.seed} the seed of their random numbers.
 */
class NodeUnderAttack {
  private static final int ATTACK_SECONDS = Integer.getInteger("systole.hostile.seconds", 300);
  private static final long SEED = Long.getLong("systole.hostile.seed", System.nanoTime());
  private static final int KILLS = 3;
  private static final int CALM_SECONDS = 12;

  private static final int APPS = 200;
  private static final int INSTANCES = 20_000;
  private static final int NEW_PER_MINUTE = 1_000;

  /** Shorter than a lease, than every timeout of the node, and than the threshold of a hang. */
  private static final long SUSPENSION_MS = 3_000;

  private static final long HANG_MS = 10_000;

  private static final int SWEEP_PER_SECOND = 2_500;

  /** The maximum time of a sweep on a shared machine. */
  private static final Duration SWEEP_MAX = Duration.ofMinutes(2);

  /**
   * Live heap that attackers may cause: bodies (--max-bodies-size 64 MiB), changes (a sixteenth of
   * the heap, 32 MiB), connections (12,000 at 2 KiB), and registered instances.
   */
  private static final int HEAP_SLACK_MIB = 160;

  /** Live heap that the rounds after the first may add, and that may remain at the end. */
  private static final int HEAP_GROWTH_MIB = 64;

  /**
   * The defaults of --lame-duck and --drain-timeout, and time for the snapshot and the JVM's exit
   * on a shared machine.
   */
  private static final long STOP_MS_MAX = 3_000 + 10_000 + 12_000;

  private final Random random = new Random(SEED);
  private final Findings findings = new Findings();
  private final NodePort target = new NodePort();
  private final FleetUnderAttack fleet =
      new FleetUnderAttack(target, List.of(ClientAccess.OPEN), HANG_MS, SEED);
  private final AttackedNode node;
  private final AttackRun attacks = startedAttacks();

  NodeUnderAttack(@TempDir Path folder) {
    node = new AttackedNode(folder, AttackedNode.Setup.OPEN, target, findings);
  }

  private AttackRun startedAttacks() {
    Attackers attackers = new Attackers(target, ClientAccess.OPEN);
    return new AttackRun(attackers, new Attacks(attackers, 1, new Random(SEED)).all());
  }

  @AfterEach
  void end() {
    attacks.close();
    fleet.close();
    node.close();
  }

  @Test
  void node_underEveryAttackAtOnce_losesNothingAndRespondsToEveryHeartbeat() throws Exception {
    findings.note("seed " + SEED + ", attacks last " + ATTACK_SECONDS + " s");
    try {
      run();
    } finally {
      noteFigures();
      attacks.addTo(findings);
      fleet.read(() -> {
        findings.addAll(fleet.report());
        return fleet;
      });
      findings.note(findings.all().size() + " faults");
    }
    assertThat(findings.all()).isEmpty();
  }

  private void run() throws Exception {
    node.start();
    registerFleet();
    enter(Phase.CALM);
    letPass(CALM_SECONDS);
    long calmMib = liveHeapMib("calm");

    attacks.resume();
    enter(Phase.ATTACK);
    long firstMib = 0;
    for (int round = 1; round <= KILLS + 1; round++) {
      attackOnce(round);
      long mib = liveHeapMib("under attack, round " + round);
      requireAtMost(calmMib + HEAP_SLACK_MIB, mib);
      firstMib = round == 1 ? mib : firstMib;
      requireAtMost(firstMib + HEAP_GROWTH_MIB, mib);
      if (round <= KILLS) {
        noteFigures();
        killAndRestart(round);
      }
    }
    attacks.pause();
    node.requireServing();
    requireAtMost(calmMib + HEAP_GROWTH_MIB, liveHeapMib("after the attack"));
    attacks.resume();
    letPass(3);
    stop();
  }

  private static void letPass(int seconds) {
    await().pollDelay(Duration.ofSeconds(seconds)).atMost(SWEEP_MAX).until(() -> true);
  }

  private void noteFigures() throws Exception {
    findings.note(fleet.read(() -> fleet.report().toString()));
    findings.note(attacks.toString());
  }

  private void registerFleet() throws Exception {
    fleet.read(() -> {
      for (int i = 0; i < INSTANCES; i++) {
        boolean isVictim = i < Attacks.VICTIMS;
        fleet.register(isVictim ? Attacks.VICTIM : "APP-" + i % APPS, "i-" + i);
      }
      return fleet;
    });
    await().atMost(SWEEP_MAX).until(() -> fleet.read(fleet::size) == INSTANCES);
    fleet.read(() -> {
      fleet.registerNew(NEW_PER_MINUTE);
      return fleet;
    });
  }

  /** Runs the attacks for a while, with a second node and a suspension in between. */
  private void attackOnce(int round) throws Exception {
    long halfMs = TimeUnit.SECONDS.toMillis(ATTACK_SECONDS) / (KILLS + 1) / 2;
    node.startSecond("round " + round);
    restartIfEnded(halfMs);
    enter(Phase.INTERRUPTED);
    node.suspend(SUSPENSION_MS);
    enter(Phase.ATTACK);
    restartIfEnded(halfMs + random.nextInt(1_000));
    node.requireSecondRefused("round " + round);
    restartIfEnded(0);
    node.requireNoDefects("round " + round);
  }

  /** Runs the attacks for a given time; restarts a node that has exited. */
  private void restartIfEnded(long ms) throws Exception {
    if (node.awaitEnd(ms)) {
      long endedNs = System.nanoTime();
      findings.add("the node ended by itself with exit code " + node.exitValue());
      restartAfter(endedNs, "after it ended by itself");
    }
  }

  private void killAndRestart(int round) throws Exception {
    long killedNs = node.kill();
    restartAfter(killedNs, "after kill " + round);
  }

  /** Restarts the node under attack and makes every member renew at once. */
  private void restartAfter(long endedNs, String when) throws Exception {
    target.goDown();
    fleet.read(() -> {
      fleet.nodeEnded(endedNs);
      return fleet;
    });
    node.start();
    fleet.read(() -> {
      fleet.enter(Phase.ATTACK);
      fleet.sweep(SWEEP_PER_SECOND);
      return fleet;
    });
    try {
      await()
          .atMost(SWEEP_MAX)
          .pollInterval(Duration.ofMillis(200))
          .until(() -> fleet.read(fleet::unconfirmedCount) == 0 || node.hasEnded());
    } catch (ConditionTimeoutException late) {
      findings.add(when + ", not renewed within " + SWEEP_MAX + ": "
          + fleet.read(fleet::unconfirmedCount) + " of " + fleet.read(fleet::size));
    }
  }

  private void enter(Phase phase) throws Exception {
    fleet.read(() -> {
      fleet.enter(phase);
      return fleet;
    });
  }

  /** Requests a full collection, which pauses the node. */
  private long liveHeapMib(String when) throws Exception {
    Phase before = fleet.read(fleet::phase);
    enter(Phase.INTERRUPTED);
    long mib = node.liveHeapKib() / 1024;
    enter(before);
    findings.note("live heap %-28s %d MiB".formatted(when, mib));
    return mib;
  }

  private void requireAtMost(long boundMib, long mib) {
    if (mib > boundMib) {
      findings.add("live heap of " + mib + " MiB exceeds " + boundMib + " MiB");
    }
  }

  private void stop() throws Exception {
    enter(Phase.INTERRUPTED);
    target.beginStop();
    long ms = node.terminate(STOP_MS_MAX);
    target.goDown();
    findings.note("stopped under load in " + ms + " ms");
  }
}
