// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.systole.client.ClientBuilder;
import io.systole.client.HeartbeatClient;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.LeaseInfo;
import io.systole.server.HeartbeatOutcomes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Members of a native cluster that are upgraded one after the other, under heartbeats. */
@Tag("extended")
class MemberUpgradeIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int MEMBERS = 3;
  private static final int INSTANCES = 30;
  private static final Duration INTERVAL = Duration.ofSeconds(2);

  /** Longer than the whole upgrade, so that whatever is missing was lost. */
  private static final Duration LEASE = Duration.ofMinutes(2);

  private static final List<String> OLD_VERSION = List.of("--cluster-protocol", "1");

  private final HeartbeatOutcomes outcomes = new HeartbeatOutcomes();

  private static InstanceInfo instance(int number) {
    return InstanceInfo.builder()
        .app("UPGRADED")
        .instanceId("i-" + number)
        .hostName("h")
        .ipAddr("127.0.0.1")
        .leaseInfo(LeaseInfo.of(INTERVAL, LEASE))
        .build();
  }

  private void awaitRenewals(int rounds) {
    long until = outcomes.renewed() + (long) rounds * INSTANCES;
    await().atMost(LIMIT).until(() -> outcomes.renewed() >= until);
  }

  private static int protocolOf(MemberProcess member) throws InterruptedException {
    return member.status().path("protocol").asInt(-1);
  }

  @Test
  void members_upgradedOneAfterTheOther_everyHeartbeatIsRenewed(@TempDir Path folder)
      throws Exception {
    try (MemberCluster cluster =
            new MemberCluster(folder, MemberAddress.onLoopback(MEMBERS), OLD_VERSION);
        BeatingFleet strict = new BeatingFleet("strict", (int) LEASE.toSeconds());
        HeartbeatClient client = new ClientBuilder()
            .servers(cluster.members().stream().map(one -> one.registry().url()).toList())
            .connections(2)
            .observers(() -> outcomes)
            .build()) {
      for (int i = 0; i < INSTANCES; i++) {
        client.register(instance(i)).whenRegistered().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      }
      strict.register(INSTANCES, cluster.member(0));
      MemberCluster.awaitEqual(strict.instances(), cluster.members(), LIMIT);
      for (MemberProcess upgraded : cluster.members()) {
        strict.beatAt(List.copyOf(cluster.others(upgraded)));
        assertThat(protocolOf(upgraded)).isEqualTo(1);
        upgraded.stop();
        awaitRenewals(1);
        upgraded.startAgain();
        MemberCluster.awaitViewOf(cluster.members());
      }
      strict.beatAt(List.copyOf(cluster.members()));
      awaitRenewals(1);
      await().atMost(LIMIT).until(() -> strict.rounds() >= MEMBERS);

      assertThat(strict.failures()).isEmpty();
      assertThat(strict.refusals()).isEmpty();
      assertThat(strict.takeStatuses().values())
          .hasSize(MEMBERS)
          .allSatisfy(statuses -> assertThat(statuses).containsOnlyKeys(200));
      MemberCluster.awaitEqual(strict.instances(), cluster.members(), LIMIT);
      for (MemberProcess member : cluster.members()) {
        assertThat(protocolOf(member)).isGreaterThan(1);
      }
      cluster.requireCleanLogs();
    }
    assertThat(outcomes.refused()).as("statuses other than 200").isEmpty();
    assertThat(outcomes.failures()).as("heartbeats without a response").isEmpty();
  }
}
