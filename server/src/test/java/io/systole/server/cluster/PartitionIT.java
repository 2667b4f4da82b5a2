// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.systole.client.ReservedPort;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.cluster.FaultyProxy.Fault;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Two nodes that replicate to each other through proxies with faults, each with its own clients.
 * The tests share them.
 */
@Tag("extended")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PartitionIT {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Duration FAULT = Duration.ofSeconds(2);
  private static final Duration CHANGE_INTERVAL = Duration.ofMillis(200);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private static final int FLEET = 40;
  private static final int LEASE_SECS = 4;

  /** More than both fleets have in all tests. */
  private static final int LEASES_MAX = 150;

  /** Fewer bytes than ten changes of each instance of a fleet. */
  private static final String LOG_BYTES_MAX = "128KiB";

  private final List<Site> sites = new ArrayList<>();

  /**
   * A node, its clients, and the way to its peer.
   *
   * @param toPeer between the node and its peer
   */
  private record Site(NodeClusterServer node, BeatingFleet fleet, FaultyProxy toPeer) {
    /** Registers, cancels and changes some instances each. */
    void change(int round) {
      List<String> ids = fleet.ids();
      fleet.removeOverride(ids.subList(0, 1), InstanceStatus.UP, node);
      fleet.overrideStatus(ids.subList(1, 3), InstanceStatus.OUT_OF_SERVICE, node);
      fleet.addMetadata(ids.subList(2, 5), "round", Integer.toString(round), node);
      fleet.cancel(ids.subList(0, 1), node);
      fleet.register(1, node);
    }

    /** Returns the node's link to its peer, as shown to operators. */
    JsonNode link() throws IOException, InterruptedException {
      URI url = node.registry().url().resolve("/systole/peers");
      String body = HTTP.send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofString())
          .body();
      return JSON.readTree(body).path("peers").path(0);
    }
  }

  @BeforeAll
  void start(@TempDir Path folder) throws IOException, InterruptedException {
    ReservedPort firstPort = new ReservedPort();
    ReservedPort secondPort = new ReservedPort();
    sites.add(start("first", folder, firstPort, new FaultyProxy(secondPort.number())));
    sites.add(start("second", folder, secondPort, new FaultyProxy(firstPort.number())));
    for (Site site : sites) {
      site.fleet().register(FLEET, site.node());
      site.fleet().beatAt(List.of(site.node()));
    }
    awaitEqual();
  }

  private static Site start(String name, Path folder, ReservedPort port, FaultyProxy toPeer)
      throws IOException, InterruptedException {
    NodeClusterServer node = NodeClusterServer.start(
        name,
        folder,
        port,
        "none",
        List.of(toPeer.url("/eureka/v2/")),
        "--peer-timeout",
        "2s",
        "--max-delta-size",
        LOG_BYTES_MAX);
    return new Site(node, new BeatingFleet(name, LEASE_SECS), toPeer);
  }

  @AfterAll
  void stop() throws IOException {
    for (Site site : sites) {
      site.fleet().close();
      site.node().close();
      site.toPeer().close();
    }
  }

  @AfterEach
  void heal() throws IOException {
    for (Site site : sites) {
      site.toPeer().switchTo(Fault.NONE);
    }
  }

  @ParameterizedTest
  @EnumSource(value = Fault.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void changes_duringFault_areAtBothNodesAfterwards(Fault fault)
      throws IOException, InterruptedException {
    for (Site site : sites) {
      site.toPeer().switchTo(fault);
    }

    changeFor(FAULT);
    heal();

    awaitEqual();
    // Then batches that had timed out have been delivered. They undid later changes for good.
    await()
        .atMost(LIMIT)
        .until(() -> sites.stream().allMatch(site -> site.toPeer().delayedChunks() == 0));
    assertThatHeartbeatsAreAcceptedByBoth();
    awaitEqual();
  }

  /** Changes instances at both nodes, and checks that what is kept for the peers is bounded. */
  private void changeFor(Duration duration) throws IOException, InterruptedException {
    long endNs = System.nanoTime() + duration.toNanos();
    for (int round = 0; System.nanoTime() - endNs < 0; round++) {
      for (Site site : sites) {
        site.change(round);
        assertThatQueueIsBounded(site);
      }
      TimeUnit.MILLISECONDS.sleep(CHANGE_INTERVAL.toMillis());
    }
  }

  /** A lease is in each of three sets of a queue at most: to renew, to register, to override. */
  private static void assertThatQueueIsBounded(Site site) throws IOException, InterruptedException {
    assertThat(site.link().path("due").asInt(-1)).isBetween(0, 3 * LEASES_MAX);
  }

  /** Waits until both nodes have exactly the states of both fleets. */
  private void awaitEqual() {
    List<InstanceInfo> expected =
        sites.stream().flatMap(site -> site.fleet().instances().stream()).toList();
    await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(200))
        .untilAsserted(() -> assertThat(sites)
            .allSatisfy(site -> assertThat(CanonicalInstance.differences(expected, site.node()))
                .as("%s", site.node())
                .isEmpty()));
  }

  private void assertThatHeartbeatsAreAcceptedByBoth() throws IOException {
    List<ClusterServer> both =
        sites.stream().map(site -> (ClusterServer) site.node()).toList();
    sites.forEach(site -> site.fleet().beatAt(both));
    await()
        .atMost(LIMIT)
        .until(() -> sites.stream().allMatch(site -> site.fleet().rounds() >= both.size()));
    for (Site site : sites) {
      site.fleet().beatAt(List.of(site.node()));
      assertThat(site.fleet().failures()).isEmpty();
      assertThat(site.fleet().takeStatuses().values())
          .hasSize(both.size())
          .allSatisfy(statuses -> assertThat(statuses).containsOnlyKeys(200));
      assertThat(site.node().log()).doesNotContain("LEAK", " ERROR ");
    }
  }

  /**
   * The nodes have evicted each other's instances, and their own changes exceed the log of changes,
   * of which the instances are kept that have changed.
   */
  @Test
  void changes_duringALongPartition_areAtBothNodesAfterwards()
      throws IOException, InterruptedException {
    List<InstanceInfo> first = new ArrayList<>();
    for (Site site : sites) {
      site.toPeer().switchTo(Fault.DROP);
      first.add(site.fleet().instances().get(0));
    }

    await()
        .atMost(LIMIT)
        .until(() -> !sites.get(1).node().registry().holds(first.get(0))
            && !sites.get(0).node().registry().holds(first.get(1)));
    for (Site site : sites) {
      for (int round = 0; round < 10; round++) {
        site.fleet().addMetadata(site.fleet().ids(), "long", Integer.toString(round), site.node());
      }
      // More than the leases that are only to renew.
      await().atMost(LIMIT).until(() -> site.link().path("due").asInt() > FLEET + 10);
    }
    changeFor(FAULT);
    heal();

    awaitEqual();
    assertThatHeartbeatsAreAcceptedByBoth();
  }
}
