// SPDX-License-Identifier: Apache-2.0
package io.systole.server.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One node with TLS, credentials and a data directory, under all attacks and a churn of instances,
 * streams, handshakes and credentials, while a fleet renews. Rounds of load end with a rest, in
 * which the certificate and the credentials are replaced. What the node's process uses must not
 * grow from round to round, neither at rest nor under load.
 *
 * <p>The property {@code systole.soak.seconds} is the duration, {@code systole.soak.seed} the seed
 * of the random numbers, {@code systole.soak.report} the file of the results.
 */
class NodeSoak {
  private static final int SECONDS = Integer.getInteger("systole.soak.seconds", 1_800);
  private static final long SEED = Long.getLong("systole.soak.seed", System.nanoTime());
  private static final Path REPORT =
      Path.of(System.getProperty("systole.soak.report", "target/soak.json"));

  /** Rounds of a long run replace the credentials about every minute. */
  private static final int LOAD_SECONDS = Math.max(3, Math.min(SECONDS / 22, 50));

  /** Time for the compiler, pools and caches to reach their size. */
  private static final long WARMUP_MS =
      Math.min(TimeUnit.SECONDS.toMillis(SECONDS) / 3, TimeUnit.MINUTES.toMillis(5));

  private static final int APPS = 60;
  private static final int INSTANCES = 3_000;

  /** Leaves half of two cores to the node. */
  private static final int DIVISOR = 20;

  /** The time in which every renewal must have its 200: until the next one is due. */
  private static final long RENEWAL_MS_MAX = 30_000;

  /** On a shared machine. */
  private static final Duration WAIT_MAX = Duration.ofMinutes(2);

  private static final long STOP_MS_MAX = 60_000;

  /** Connections of the operator's HTTP client. */
  private static final int OPERATOR_CONNECTIONS = 2;

  /** The heap is touched in advance and the number of threads fixed, so that both can be flat. */
  private static final List<String> JVM_FLAGS = List.of(
      "-Xms256m",
      "-Xmx256m",
      "-XX:+AlwaysPreTouch",
      "-XX:+UseG1GC",
      "-XX:-UseDynamicNumberOfCompilerThreads",
      "-XX:-UseDynamicNumberOfGCThreads",
      "-XX:+ExitOnOutOfMemoryError");

  /**
   * Short times and small files, so that all state is made and discarded many times in a run. The
   * leases of the churn expire by thousands, which self-preservation would prevent. On a busy
   * machine, handshakes of the fleet take seconds.
   */
  private static final List<String> OPTIONS = List.of(
      "--self-preservation", "false",
      "--lease-mode", "strict",
      "--eviction-interval", "500ms",
      "--delta-retention", "10s",
      "--max-stream-backlog", "1000",
      "--request-timeout", "30s",
      "--write-timeout", "5s",
      "--response-timeout", "20s",
      "--idle-timeout", "30s",
      "--journal-file-size", "64KiB",
      "--snapshot-size", "256KiB",
      "--journal-keep-size", "1MiB");

  private final Findings findings = new Findings();
  private final NodePort target = new NodePort();
  private final ResourceHistory history = new ResourceHistory(WARMUP_MS);
  private final SoakSecurity security;
  private final FleetUnderAttack fleet;
  private final AttackedNode node;
  private final ResourceSampler sampler;
  private final AttackRun attacks;
  private long beganNs;
  private int rounds;

  NodeSoak(@TempDir Path folder) throws Exception {
    security = new SoakSecurity(folder);
    fleet = new FleetUnderAttack(target, security.fleet(), RENEWAL_MS_MAX, SEED);
    AttackedNode.Setup setup = new AttackedNode.Setup(
        security.operator(),
        JVM_FLAGS,
        Stream.concat(OPTIONS.stream(), security.options().stream()).toList());
    node = new AttackedNode(folder, setup, target, findings);
    sampler = new ResourceSampler(node);
    Attackers attackers = new Attackers(target, security.attacker());
    Random random = new Random(SEED);
    List<Attack> all = new ArrayList<>(new Attacks(attackers, DIVISOR, random).all());
    all.addAll(new SoakAttacks(attackers, security, random).all());
    attacks = new AttackRun(attackers, all);
  }

  @AfterEach
  void end() {
    attacks.close();
    fleet.close();
    node.close();
  }

  @Test
  void node_inRoundsOfLoadAndRest_usesNoMoreAndRespondsToEveryHeartbeat() throws Exception {
    findings.note("seed " + SEED + ", " + SECONDS + " s in rounds of " + LOAD_SECONDS + " s");
    try {
      run();
    } finally {
      findings.note(fleet.read(() -> fleet.report().toString()));
      findings.note(attacks.toString());
      attacks.addTo(findings);
      fleet.read(() -> {
        findings.addAll(fleet.report());
        return fleet;
      });
    }
    judge();
    assertThat(findings.all()).isEmpty();
  }

  private void run() throws Exception {
    node.start();
    registerFleet();
    beganNs = System.nanoTime();
    while (sinceStartMs() < TimeUnit.SECONDS.toMillis(SECONDS) || !history.isComplete()) {
      playRound();
      if (node.hasEnded()) {
        findings.add("the node ended by itself with exit code " + node.exitValue());
        return;
      }
    }
    node.requireNoDefects("at the end");
    node.requireServing();
    enter(Phase.INTERRUPTED);
    target.beginStop();
    findings.note("stopped in " + node.terminate(STOP_MS_MAX) + " ms");
    target.goDown();
  }

  private void registerFleet() throws Exception {
    fleet.read(() -> {
      for (int i = 0; i < INSTANCES; i++) {
        boolean isVictim = i < Attacks.VICTIMS;
        fleet.register(isVictim ? Attacks.VICTIM : "APP-" + i % APPS, "i-" + i);
      }
      return fleet;
    });
    await().atMost(WAIT_MAX).until(() -> fleet.read(fleet::size) == INSTANCES);
  }

  private void playRound() throws Exception {
    rounds++;
    enter(Phase.ATTACK);
    attacks.resume();
    if (node.awaitEnd(TimeUnit.SECONDS.toMillis(LOAD_SECONDS))) {
      return;
    }
    history.add(sinceStartMs(), Phase.ATTACK, sampler.uncollected());
    attacks.pause();
    enter(Phase.CALM);
    awaitRest();
    enter(Phase.INTERRUPTED);
    history.add(sinceStartMs(), Phase.CALM, sampler.collected());
    rotate();
  }

  /** Waits until the node has noticed that all connections but the fleet's are closed. */
  private void awaitRest() throws Exception {
    long pausedMs = sinceStartMs();
    try {
      await()
          .atMost(WAIT_MAX)
          .until(() -> sampler.openCount() <= FleetUnderAttack.CONNECTIONS + OPERATOR_CONNECTIONS);
    } catch (ConditionTimeoutException late) {
      findings.add("round " + rounds + ": " + sampler.openCount()
          + " connections, streams and polls still open " + WAIT_MAX + " after the load");
    }
    findings.note("round %d: at rest after %d ms".formatted(rounds, sinceStartMs() - pausedMs));
  }

  /** Replaces the certificate and the credentials, and lets the fleet connect again. */
  private void rotate() throws Exception {
    String next = security.permitNext();
    node.reload();
    await().atMost(WAIT_MAX).until(() -> security.isServed(target.port()));
    await().atMost(WAIT_MAX).until(() -> node.statusWith(next) == 200);
    fleet.read(() -> {
      security.changeToNext();
      fleet.reconnect();
      return fleet;
    });
    String former = security.removeFormer();
    node.reload();
    await().atMost(WAIT_MAX).until(() -> node.statusWith(former) == 401);
  }

  private void enter(Phase phase) throws Exception {
    fleet.read(() -> {
      fleet.enter(phase);
      return fleet;
    });
  }

  private long sinceStartMs() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beganNs);
  }

  // ---------------------------------------------------------------- results

  private void judge() throws Exception {
    long slowestMs = fleet.read(() -> fleet.report().slowestMs());
    if (slowestMs > RENEWAL_MS_MAX) {
      findings.add("a renewal was responded to after " + slowestMs + " ms");
    }
    for (String line : Files.readAllLines(node.log())) {
      if (line.contains(" ERROR ") || line.contains("LEAK")) {
        findings.add("in the log: " + line);
      }
    }
    if (history.isComplete()) {
      history.growth().forEach(findings::add);
      findings.note(rounds + " rounds" + System.lineSeparator() + history.table());
    }
    writeReport();
    findings.note(findings.all().size() + " faults");
  }

  private void writeReport() throws Exception {
    String renewals = fleet.read(() -> fleet.report().toString());
    new SoakReport(SECONDS, SEED, rounds, JVM_FLAGS, OPTIONS)
        .write(REPORT, history, renewals.lines().toList(), attacks.lines(), findings.all());
    findings.note("results in " + REPORT.toAbsolutePath());
  }
}
