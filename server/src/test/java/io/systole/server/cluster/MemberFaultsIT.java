// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three members of a native cluster of which one is killed, suspended, stopped and started again
 * under heartbeats. The tests share them; each ends with all members in one view. Times are
 * printed.
 */
@Tag("extended")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MemberFaultsIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Duration FREEZE = Duration.ofSeconds(13);
  private static final int MEMBERS = 3;
  private static final int FLEET = 60;
  private static final int LEASE_SECS = 10;

  private MemberCluster cluster;
  private BeatingFleet fleet;

  @BeforeAll
  void start(@TempDir Path folder) throws IOException, InterruptedException {
    cluster = new MemberCluster(folder, MemberAddress.onLoopback(MEMBERS), List.of());
    fleet = new BeatingFleet("beating", LEASE_SECS);
    for (MemberProcess member : cluster.members()) {
      fleet.register(FLEET / MEMBERS, member);
    }
    MemberCluster.awaitEqual(fleet.instances(), cluster.members(), LIMIT);
    fleet.beatAt(List.copyOf(cluster.members()));
  }

  @AfterAll
  void stop() {
    fleet.close();
    cluster.close();
  }

  /** A failed test must not fail the others. */
  @AfterEach
  void heal() throws IOException, InterruptedException {
    for (MemberProcess member : cluster.members()) {
      member.ensureRunning();
    }
    MemberCluster.awaitViewOf(cluster.members());
    cluster.requireCleanLogs();
  }

  /** Renews at these members only, which have taken none of the last renewals before. */
  private void beatAt(List<MemberProcess> members) {
    fleet.beatAt(List.copyOf(members));
    fleet.takeStatuses();
  }

  private void awaitRounds(int rounds) {
    int until = fleet.rounds() + rounds;
    await().atMost(LIMIT).until(() -> fleet.rounds() >= until);
  }

  /** Renews for longer than a lease, and requires that every heartbeat was answered with 200. */
  private void requireRenewals(List<MemberProcess> members) {
    requireRenewals(members, LEASE_SECS + 3);
  }

  private void requireRenewals(List<MemberProcess> members, int rounds) {
    awaitRounds(rounds);
    assertThat(fleet.failures()).isEmpty();
    assertThat(fleet.refusals()).isEmpty();
    assertThat(fleet.takeStatuses().values())
        .hasSize(members.size())
        .allSatisfy(statuses -> assertThat(statuses).containsOnlyKeys(200));
    MemberCluster.awaitEqual(fleet.instances(), members, LIMIT);
  }

  private static void print(String what, long ms) {
    System.out.println("cluster: " + what + " after " + ms + " ms");
  }

  @Test
  void owner_killed_itsLeasesAreKeptAndRenewedByTheOthers()
      throws IOException, InterruptedException {
    MemberProcess owner = cluster.member(0);
    List<MemberProcess> others = cluster.others(owner);
    fleet.register(10, owner);
    fleet.beatAt(List.of(owner));
    awaitRounds(2);
    MemberCluster.awaitEqual(fleet.instances(), cluster.members(), LIMIT);
    beatAt(others);

    owner.kill();
    print("kill noticed", MemberCluster.awaitViewOf(others));

    requireRenewals(others);
    owner.startAgain();
    print("complete again", MemberCluster.awaitViewOf(cluster.members()));
    beatAt(cluster.members());
    requireRenewals(cluster.members(), MEMBERS);
  }

  @Test
  void owner_killed_leasesThatItRenewedLastGetAWholeDuration()
      throws IOException, InterruptedException {
    MemberProcess owner = cluster.member(0);
    List<MemberProcess> others = cluster.others(owner);
    beatAt(others);
    try (BeatingFleet silent = new BeatingFleet("silent", LEASE_SECS)) {
      List<InstanceInfo> instances = silent.register(5, owner);
      MemberCluster.awaitEqual(both(silent), cluster.members(), LIMIT);
      silent.beatAt(List.of(owner));
      await().atMost(LIMIT).until(() -> silent.rounds() > 0);
      silent.beatAt(List.of());
      final long renewedNs = System.nanoTime();
      // A renewed lease lasts two durations (spec §2.4).
      awaitElapsed(renewedNs, 2 * LEASE_SECS - 3);

      owner.kill();
      MemberCluster.awaitViewOf(others);

      // Without the extension they had been evicted before.
      awaitElapsed(renewedNs, 3 * LEASE_SECS - 4);
      for (MemberProcess other : others) {
        assertThat(instances).allMatch(other.registry()::holds);
      }
      await()
          .atMost(LIMIT)
          .until(() -> others.stream()
              .noneMatch(other -> instances.stream().anyMatch(other.registry()::holds)));
    }
    owner.startAgain();
    MemberCluster.awaitViewOf(cluster.members());
    MemberCluster.awaitEqual(fleet.instances(), cluster.members(), LIMIT);
    requireRenewals(others);
  }

  private List<InstanceInfo> both(BeatingFleet other) {
    List<InstanceInfo> instances = new ArrayList<>(fleet.instances());
    instances.addAll(other.instances());
    return instances;
  }

  private static void awaitElapsed(long sinceNs, int secs) throws InterruptedException {
    long leftNs = TimeUnit.SECONDS.toNanos(secs) - (System.nanoTime() - sinceNs);
    TimeUnit.NANOSECONDS.sleep(leftNs);
  }

  @Test
  void member_frozenAndResumed_mergesWithoutLosses() throws IOException, InterruptedException {
    MemberProcess frozen = cluster.member(1);
    List<MemberProcess> others = cluster.others(frozen);
    fleet.beatAt(List.of(frozen));
    awaitRounds(2);
    beatAt(others);

    frozen.freeze();
    long frozenNs = System.nanoTime();
    print("freeze noticed", MemberCluster.awaitViewOf(others));
    fleet.cancel(fleet.ids().subList(0, 5), others.get(0));
    fleet.addMetadata(fleet.ids().subList(0, 5), "meanwhile", "yes", others.get(1));
    fleet.register(5, others.get(0));
    awaitElapsed(frozenNs, (int) FREEZE.toSeconds());
    frozen.resume();

    print("merged", MemberCluster.awaitViewOf(cluster.members()));
    print("equal", MemberCluster.awaitEqual(fleet.instances(), cluster.members(), LIMIT));
    assertThat(fleet.failures()).isEmpty();
    assertThat(fleet.refusals()).isEmpty();
    assertThat(fleet.takeStatuses().values())
        .allSatisfy(statuses -> assertThat(statuses).containsOnlyKeys(200));
    beatAt(cluster.members());
    requireRenewals(cluster.members(), MEMBERS);
  }

  @Test
  void member_restartedWithAnOldJournal_doesNotBringBackWhatWasCancelled()
      throws IOException, InterruptedException {
    MemberProcess restarted = cluster.member(2);
    List<MemberProcess> others = cluster.others(restarted);
    beatAt(others);
    List<InstanceInfo> before = fleet.instances().subList(0, 10);

    restarted.kill();
    MemberCluster.awaitViewOf(others);
    fleet.cancel(fleet.ids().subList(0, 10), others.get(0));
    fleet.overrideStatus(fleet.ids().subList(0, 5), InstanceStatus.OUT_OF_SERVICE, others.get(1));
    fleet.register(10, others.get(1));
    restarted.startAgain();
    print("complete with a journal", MemberCluster.awaitViewOf(cluster.members()));

    assertThat(before).noneMatch(restarted.registry()::holds);
    MemberCluster.awaitEqual(fleet.instances(), cluster.members(), LIMIT);
    beatAt(cluster.members());
    requireRenewals(cluster.members(), MEMBERS);
    for (MemberProcess member : cluster.members()) {
      assertThat(before).noneMatch(member.registry()::holds);
    }
  }

  @Test
  void member_stoppedInOrder_handsOverBefore() throws IOException, InterruptedException {
    MemberProcess stopped = cluster.member(0);
    List<MemberProcess> others = cluster.others(stopped);
    fleet.beatAt(List.of(stopped));
    awaitRounds(2);
    beatAt(others);
    try (BeatingFleet silent = new BeatingFleet("late", LEASE_SECS)) {
      List<InstanceInfo> late = silent.register(5, stopped);
      stopped.stop();
      assertThat(others).allSatisfy(other -> assertThat(late).allMatch(other.registry()::holds));
      print("stop noticed", MemberCluster.awaitViewOf(others));
    }

    requireRenewals(others);
    stopped.startAgain();
    MemberCluster.awaitViewOf(cluster.members());
    beatAt(cluster.members());
    requireRenewals(cluster.members(), MEMBERS);
  }
}
