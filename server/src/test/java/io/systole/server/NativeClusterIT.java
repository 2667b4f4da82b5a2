// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.registry.Instances;
import io.systole.server.registry.Origin;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Two nodes in a native cluster, with real connections between them. */
@Timeout(120)
class NativeClusterIT {
  private static final JsonMapper JSON = new JsonMapper();

  private static final Set<String> PEER_STATES = Set.of("up", "standby");

  private static EmbeddedMember first;
  private static EmbeddedMember second;

  @BeforeAll
  static void start() throws IOException {
    List<Integer> ports = EmbeddedMember.ports(2);
    first = EmbeddedMember.start(ports, 0);
    second = EmbeddedMember.start(ports, 1);
  }

  @AfterAll
  static void stop() {
    second.close();
    first.close();
  }

  private static void awaitThat(Callable<Boolean> condition) {
    await().atMost(Duration.ofSeconds(30)).until(condition);
  }

  private static boolean has(EmbeddedMember node, String app, String id) {
    return node.server.registry().findStored(new InstanceKey(app, id)) != null;
  }

  private static JsonNode read(EmbeddedMember node, String path) {
    return JSON.readTree(node.send("GET", path).body());
  }

  @Test
  void heartbeat_ofAnInstanceRegisteredAtTheOther_is200() {
    first.register("RENEWED", "i");
    awaitThat(() -> has(second, "RENEWED", "i"));

    assertThat(second.renew("RENEWED", "i")).isEqualTo(200);
    assertThat(first.renew("RENEWED", "i")).isEqualTo(200);
  }

  @Test
  void heartbeats_atOne_renewTheLeaseAtTheOther() {
    first.register("BEATING", "i");
    awaitThat(() -> has(second, "BEATING", "i"));
    long before = read(second, "/systole/cluster").at("/received/renewals").asLong(-1);

    assertThat(first.renew("BEATING", "i")).isEqualTo(200);

    awaitThat(() -> read(second, "/systole/cluster").at("/received/renewals").asLong(-1) > before);
  }

  @Test
  void cancel_atTheOther_endsTheLeaseAtBoth() {
    first.register("CANCELLED", "i");
    awaitThat(() -> has(second, "CANCELLED", "i"));

    assertThat(second.send("DELETE", "/v2/apps/CANCELLED/i").statusCode()).isEqualTo(200);

    awaitThat(() -> !has(first, "CANCELLED", "i"));
    assertThat(first.renew("CANCELLED", "i")).isEqualTo(404);
  }

  @Test
  void override_atTheOther_isShownByBothAndRemovedByBoth() {
    first.register("OVERRIDDEN", "i");
    awaitThat(() -> has(second, "OVERRIDDEN", "i"));

    assertThat(second
            .send("PUT", "/v2/apps/OVERRIDDEN/i/status?value=OUT_OF_SERVICE")
            .statusCode())
        .isEqualTo(200);
    awaitThat(() -> first.send("GET", "/v2/apps/OVERRIDDEN/i").body().contains("OUT_OF_SERVICE"));

    assertThat(first.send("DELETE", "/v2/apps/OVERRIDDEN/i/status?value=UP").statusCode())
        .isEqualTo(200);
    awaitThat(() -> !second.send("GET", "/v2/apps/OVERRIDDEN/i").body().contains("OUT_OF_SERVICE"));
  }

  @Test
  void history_ofAnInstanceOfAnotherMember_namesTheMember() {
    first.register("ORIGIN", "i");
    awaitThat(() -> has(second, "ORIGIN", "i"));

    JsonNode history = read(second, "/systole/instances/ORIGIN/i").path("history");

    assertThat(history.path(0).path("by").asString()).isEqualTo("member");
  }

  @Test
  void cluster_ofTwoMembers_showsBothAndTheirState() {
    JsonNode cluster = read(second, "/systole/cluster");

    assertThat(cluster.path("cluster").asString()).isEqualTo("test");
    assertThat(cluster.path("isComplete").asBoolean()).isTrue();
    assertThat(cluster.path("protocol").asInt()).isEqualTo(2);
    assertThat(cluster.path("members").values())
        .hasSize(2)
        .allMatch(member -> member.path("isComplete").asBoolean());
    assertThat(cluster.at("/members/1/isSelf").asBoolean()).isTrue();
    assertThat(cluster.at("/members/0/isSelf").asBoolean()).isFalse();
  }

  @Test
  void members_ofANodeWithItsPort_haveTheServiceUrl() throws IOException {
    List<Integer> ports = EmbeddedMember.ports(2);
    try (EmbeddedMember alone =
        EmbeddedMember.start(ports, 0, Map.of("--port", ports.get(1).toString()))) {
      JsonNode members = read(alone, "/systole/members").path("members");

      assertThat(members.size()).isEqualTo(1);
      assertThat(members.at("/0/name").asString()).isEqualTo("127.0.0.1:" + ports.get(0));
      assertThat(members.at("/0/url").asString())
          .isEqualTo("http://127.0.0.1:" + ports.get(1) + "/v2");
    }
  }

  @Test
  void metrics_ofTwoMembers_countBoth() {
    assertThat(first.send("GET", "/metrics").body().lines())
        .contains("systole_cluster_members 2.0", "systole_cluster_complete 1.0")
        .anyMatch(line -> line.startsWith("systole_cluster_member_beat_age_seconds{member="));
  }

  @Test
  void join_clusterWithLeases_hasThemBeforeItListens() throws IOException {
    List<Integer> ports = EmbeddedMember.ports(2);
    int leases = 3_000;
    try (EmbeddedMember old = EmbeddedMember.start(ports, 0)) {
      for (int i = 0; i < leases; i++) {
        old.server.registry().register(Instances.up("STATE", "i-" + i, 90), Origin.CLIENT);
      }

      try (EmbeddedMember joined = EmbeddedMember.start(ports, 1)) {
        assertThat(joined.server.registry().leaseCount()).isEqualTo(leases);
        assertThat(joined.send("GET", "/health/ready").statusCode()).isEqualTo(200);
        assertThat(joined.renew("STATE", "i-0")).isEqualTo(200);
      }
    }
  }

  @Test
  void stop_memberWithLeases_handsThemOver() throws IOException {
    List<Integer> ports = EmbeddedMember.ports(2);
    try (EmbeddedMember remaining = EmbeddedMember.start(ports, 0)) {
      try (EmbeddedMember stopping = EmbeddedMember.start(ports, 1)) {
        // Sent by the last messages only.
        stopping.register("LAST", "i");
      }

      awaitThat(() -> has(remaining, "LAST", "i"));
      awaitThat(() -> read(remaining, "/systole/cluster").path("members").size() == 1);
      assertThat(remaining.renew("LAST", "i")).isEqualTo(200);
      assertThat(remaining.send("GET", "/metrics").body())
          .doesNotContain("systole_cluster_member_beat_age_seconds{");
    }
  }

  @Test
  void stop_duringTheLameDuckPeriod_isShownAsDraining() throws Exception {
    List<Integer> ports = EmbeddedMember.ports(1);
    EmbeddedMember stopping = EmbeddedMember.start(ports, 0, Map.of("--lame-duck", "10m"));
    Thread stop = new Thread(stopping::close);
    try {
      assertThat(isDraining(stopping)).isFalse();

      stop.start();

      awaitThat(() -> isDraining(stopping));
      assertThat(read(stopping, "/systole/members").path("members")).isEmpty();
    } finally {
      // Ends the lame-duck period.
      stop.interrupt();
      stop.join();
      stopping.server.close();
    }
  }

  private static boolean isDraining(EmbeddedMember node) {
    return read(node, "/systole/cluster").at("/members/0/isDraining").booleanValue();
  }

  @Test
  void close_twice_hasNoFurtherEffect() throws IOException {
    EmbeddedMember alone = EmbeddedMember.start(EmbeddedMember.ports(1), 0);

    alone.close();

    assertThatCode(alone.server::close).doesNotThrowAnyException();
  }

  @Test
  void stockPeer_ofTwoMembers_isServedByOneOfThem() throws IOException {
    List<Integer> ports = EmbeddedMember.ports(3);
    String peerPort = ports.get(2).toString();
    Map<String, String> options =
        Map.of("--peers", "http://127.0.0.1:" + peerPort + "/v2", "--peer-timeout", "1s");
    List<Integer> members = ports.subList(0, 2);
    try (EmbeddedMember peer = EmbeddedMember.startAlone(Map.of("--port", peerPort));
        EmbeddedMember one = EmbeddedMember.start(members, 0, options);
        EmbeddedMember other = EmbeddedMember.start(members, 1, options)) {
      awaitThat(() -> List.of(peerState(one), peerState(other)).containsAll(PEER_STATES));

      one.register("BOTH", "at-one");
      other.register("BOTH", "at-other");

      awaitThat(() -> has(peer, "BOTH", "at-one") && has(peer, "BOTH", "at-other"));
    }
  }

  private static String peerState(EmbeddedMember node) {
    return read(node, "/systole/peers").at("/peers/0/state").asString("");
  }

  @Test
  void start_clusterPortTaken_failsWithTheAddress() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      List<Integer> ports = List.of(taken.getLocalPort());

      assertThatThrownBy(() -> EmbeddedMember.start(ports, 0))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("127.0.0.1:" + taken.getLocalPort());
    }
  }

  @Test
  void start_noMemberIsThisMachine_failsWithTheOption() {
    Map<String, String> options =
        Map.of("--bind", "0.0.0.0", "--cluster-members", "198.51.100.1:7800,198.51.100.2:7800");

    assertThatThrownBy(() -> EmbeddedMember.start(List.of(7800), 0, options))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("--cluster-bind");
  }
}
