// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.client.stock.StockRegistry.StoredInstance;
import io.systole.server.cluster.history.HistoryChecker;
import io.systole.server.cluster.history.MemberFault;
import io.systole.server.cluster.history.OperationLog;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * A native cluster under random requests of many clients and random faults of its members and its
 * network; the history is recorded and compared with a model. The property
 * {@code systole.cluster.seconds} is the time during which faults begin, {@code systole.seed} their
 * seed.
 */
@Tag("extended")
@ResourceLock(NetworkNamespaces.NETWORKS)
class MemberHistoryIT {
  private static final int SECONDS = Integer.getInteger("systole.cluster.seconds", 10);
  private static final long SEED = Long.getLong("systole.seed", 20_260_117);
  private static final int MEMBERS = 3;
  private static final int CLIENTS = 40;
  private static final int LEASE_SECS = 25;
  private static final Duration PROPAGATION = Duration.ofSeconds(2);
  private static final Duration CONVERGENCE = Duration.ofSeconds(10);
  private static final int FREEZE_SECS_MAX = 15;
  private static final int PARTITION_SECS_MIN = 12;

  private final SplittableRandom random = new SplittableRandom(SEED);
  private final List<MemberFault> faults = new ArrayList<>();
  private final Map<MemberFault.Kind, Integer> counts = new EnumMap<>(MemberFault.Kind.class);

  @Test
  void members_withRandomFaults_keepTheirPromises(@TempDir Path folder)
      throws IOException, InterruptedException {
    OperationLog log = new OperationLog();
    List<Map<String, Long>> registries = new ArrayList<>();
    long readNs;
    try (NetworkNamespaces networks = new NetworkNamespaces(MEMBERS);
        MemberCluster cluster = new MemberCluster(folder, networks.addresses(), List.of());
        HistoryClients clients = new HistoryClients(
            cluster.members().stream().map(one -> one.registry().url()).toList(),
            CLIENTS,
            LEASE_SECS,
            SEED,
            log)) {
      long startNs = System.nanoTime();
      while (MemberCluster.msSince(startNs) < TimeUnit.SECONDS.toMillis(SECONDS)) {
        TimeUnit.MILLISECONDS.sleep(PROPAGATION.toMillis() + random.nextInt(5_000));
        disturb(cluster, networks);
      }
      clients.endChanges();
      TimeUnit.SECONDS.sleep(CONVERGENCE.toSeconds() + PROPAGATION.toSeconds());
      readNs = System.nanoTime();
      for (MemberProcess member : cluster.members()) {
        registries.add(numbers(member));
      }
      cluster.requireCleanLogs();
    }
    System.out.println("cluster: " + log.outcomes() + " under " + counts);

    HistoryChecker checker =
        new HistoryChecker(faults, PROPAGATION, CONVERGENCE, Duration.ofSeconds(LEASE_SECS));
    checker.check(log.operations());
    checker.checkEnd(registries, readNs);

    assertThat(checker.violations()).as("seed %d, faults %s", SEED, faults).isEmpty();
    assertThat(registries.get(0)).as("instances at the end").isNotEmpty();
  }

  private static Map<String, Long> numbers(MemberProcess member) {
    Map<String, Long> numbers = new TreeMap<>();
    for (StoredInstance instance : member.registry().all().values()) {
      if (instance.app().equals(HistoryClients.APP)) {
        numbers.put(instance.id(), instance.lastDirtyMs());
      }
    }
    return numbers;
  }

  /** Makes one fault and waits until it has healed. */
  private void disturb(MemberCluster cluster, NetworkNamespaces networks)
      throws IOException, InterruptedException {
    MemberFault.Kind kind =
        MemberFault.Kind.values()[random.nextInt(MemberFault.Kind.values().length)];
    int index = random.nextInt(MEMBERS);
    MemberProcess member = cluster.member(index);
    long fromNs = System.nanoTime();
    switch (kind) {
      case KILL -> {
        member.kill();
        TimeUnit.MILLISECONDS.sleep(random.nextInt(5_000));
        member.startAgain();
      }
      case STOP -> {
        member.stop();
        member.startAgain();
      }
      case FREEZE -> {
        member.freeze();
        TimeUnit.SECONDS.sleep(1 + random.nextInt(FREEZE_SECS_MAX));
        member.resume();
      }
      case PARTITION -> {
        networks.part(Set.of(index));
        TimeUnit.SECONDS.sleep(PARTITION_SECS_MIN + random.nextInt(5));
        networks.heal();
      }
    }
    if (kind == MemberFault.Kind.FREEZE || kind == MemberFault.Kind.PARTITION) {
      // A view that has not noticed the fault may still change.
      TimeUnit.SECONDS.sleep(2);
    }
    MemberCluster.awaitViewOf(cluster.members());
    faults.add(new MemberFault(kind, Set.of(index), fromNs, System.nanoTime()));
    counts.merge(kind, 1, Integer::sum);
  }
}
