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
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** A native cluster in networks that are parted and connected again, with clients at each side. */
@Tag("extended")
@ResourceLock(NetworkNamespaces.NETWORKS)
class MemberPartitionIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  /** The time that all members may take to be equal after the merge. */
  private static final Duration CONVERGENCE_MAX = Duration.ofSeconds(10);

  private static final int MEMBERS = 3;
  private static final int FLEET = 30;
  private static final int LEASE_SECS = 4;

  /** The clients of one side, and the member that serves them. */
  private record Side(MemberProcess member, BeatingFleet fleet) {
    void change() {
      List<String> ids = fleet.ids();
      fleet.cancel(ids.subList(0, 5), member);
      fleet.overrideStatus(ids.subList(5, 8), InstanceStatus.OUT_OF_SERVICE, member);
      fleet.addMetadata(ids.subList(7, 10), "side", member.toString(), member);
      fleet.register(5, member);
    }
  }

  private static List<InstanceInfo> instances(List<Side> sides) {
    List<InstanceInfo> instances = new ArrayList<>();
    sides.forEach(side -> instances.addAll(side.fleet().instances()));
    return instances;
  }

  private static void print(String what, long ms) {
    System.out.println("cluster: " + what + " after " + ms + " ms");
  }

  @Test
  void changes_onBothSidesOfAPartition_areAtAllMembersAfterTheMerge(@TempDir Path folder)
      throws IOException, InterruptedException {
    try (NetworkNamespaces networks = new NetworkNamespaces(MEMBERS);
        MemberCluster cluster = new MemberCluster(folder, networks.addresses(), List.of());
        BeatingFleet left = new BeatingFleet("left", LEASE_SECS);
        BeatingFleet right = new BeatingFleet("right", LEASE_SECS)) {
      MemberProcess alone = cluster.member(0);
      List<MemberProcess> others = cluster.others(alone);
      List<Side> sides = List.of(new Side(alone, left), new Side(others.get(0), right));
      for (Side side : sides) {
        side.fleet().register(FLEET, side.member());
        side.fleet().beatAt(List.of(side.member()));
      }
      MemberCluster.awaitEqual(instances(sides), cluster.members(), LIMIT);

      networks.part(Set.of(0));
      print("partition noticed by two", MemberCluster.awaitViewOf(others));
      print("partition noticed by one", MemberCluster.awaitViewOf(List.of(alone)));
      sides.forEach(Side::change);
      awaitEvictionsAcross(sides, others);
      networks.heal();

      print("merged", MemberCluster.awaitViewOf(cluster.members()));
      print(
          "equal", MemberCluster.awaitEqual(instances(sides), cluster.members(), CONVERGENCE_MAX));
      requireRenewals(cluster, sides);
      cluster.requireCleanLogs();
    }
  }

  /** Waits until each side has evicted the instances that renew at the other. */
  private static void awaitEvictionsAcross(List<Side> sides, List<MemberProcess> others) {
    List<InstanceInfo> left = sides.get(0).fleet().instances();
    List<InstanceInfo> right = sides.get(1).fleet().instances();
    await()
        .atMost(LIMIT)
        .until(() -> right.stream().noneMatch(sides.get(0).member().registry()::holds)
            && others.stream()
                .allMatch(member -> left.stream().noneMatch(member.registry()::holds)));
  }

  private static void requireRenewals(MemberCluster cluster, List<Side> sides) {
    for (Side side : sides) {
      side.fleet().beatAt(List.copyOf(cluster.members()));
    }
    await()
        .atMost(LIMIT)
        .until(() -> sides.stream().allMatch(side -> side.fleet().rounds() >= 2 * LEASE_SECS));
    for (Side side : sides) {
      assertThat(side.fleet().failures()).isEmpty();
      assertThat(side.fleet().refusals()).isEmpty();
      assertThat(side.fleet().takeStatuses().values())
          .hasSize(MEMBERS)
          .allSatisfy(statuses -> assertThat(statuses).containsOnlyKeys(200));
    }
    MemberCluster.awaitEqual(instances(sides), cluster.members(), LIMIT);
  }
}
