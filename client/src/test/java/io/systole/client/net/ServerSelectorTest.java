// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ServerSelectorTest {
  private static final int RETURN_MS = 1_000;
  private static final HealthSettings SETTINGS =
      new HealthSettings(3, 3, 100, 400, RETURN_MS, 60_000);

  /** Near the overflow of monotonic time. */
  private static final long START_NS = Long.MAX_VALUE - 1_000_000;

  private static Zone zone(String name, int servers) {
    return new Zone(
        name,
        IntStream.range(0, servers)
            .mapToObj(index -> ServerAddress.of(URI.create("http://" + name + index + "/v2")))
            .toList());
  }

  private static ServerSelector servers(long seed, Zone... zones) {
    return new ServerSelector(List.of(zones), SETTINGS, new SplittableRandom(seed));
  }

  private static List<String> hosts(ServerSelector servers) {
    return servers.inOrder().stream().map(server -> server.address().host()).toList();
  }

  private static long after(long ms) {
    return START_NS + TimeUnit.MILLISECONDS.toNanos(ms);
  }

  /** Returns the next server after failing it. */
  private static String failNext(ServerSelector servers, long nowNs) {
    ServerHealth next = servers.next(nowNs, null);
    if (next == null) {
      return "nobody";
    }
    next.unreachable("refused", nowNs);
    return next.address().host();
  }

  @Test
  void order_manySeeds_isUniform() {
    Map<String, Integer> firsts = new HashMap<>();
    Set<List<String>> orders = new HashSet<>();

    for (long seed = 0; seed < 6_000; seed++) {
      List<String> order = hosts(servers(seed, zone("a", 3)));
      firsts.merge(order.get(0), 1, Integer::sum);
      orders.add(order);
    }

    assertThat(orders).hasSize(6);
    assertThat(firsts).hasSize(3);
    assertThat(firsts.values()).allSatisfy(count -> assertThat(count).isBetween(1_850, 2_150));
  }

  @Test
  void order_afterTheFirstHasFailed_spreadsAFleetOverTheOthers() {
    Map<String, Integer> seconds = new HashMap<>();

    for (long seed = 0; seed < 6_000; seed++) {
      List<String> order = hosts(servers(seed, zone("a", 4)));
      if (order.get(0).equals("a0")) {
        seconds.merge(order.get(1), 1, Integer::sum);
      }
    }

    assertThat(seconds).hasSize(3);
    assertThat(seconds.values()).allSatisfy(count -> assertThat(count).isBetween(400, 600));
  }

  @Test
  void order_sameSeed_isSame() {
    assertThat(hosts(servers(7, zone("a", 20)))).isEqualTo(hosts(servers(7, zone("a", 20))));
  }

  @Test
  void order_zones_areInOrderForAnySeed() {
    for (long seed = 0; seed < 100; seed++) {
      List<String> order = hosts(servers(seed, zone("own", 2), zone("near", 2), zone("far", 1)));

      assertThat(order.subList(0, 2)).containsExactlyInAnyOrder("own0", "own1");
      assertThat(order.subList(2, 4)).containsExactlyInAnyOrder("near0", "near1");
      assertThat(order.get(4)).isEqualTo("far0");
    }
  }

  @Test
  void next_allFail_triesEachOnce() {
    ServerSelector servers = servers(7, zone("own", 2), zone("far", 2));

    List<String> tried =
        Stream.generate(() -> failNext(servers, START_NS)).limit(5).toList();

    List<String> expected = new ArrayList<>(hosts(servers));
    expected.add("nobody");
    assertThat(tried).isEqualTo(expected);
    assertThat(servers.nextWaitNs(START_NS, null))
        .isBetween(TimeUnit.MILLISECONDS.toNanos(50), TimeUnit.MILLISECONDS.toNanos(100));
  }

  @Test
  void next_firstFailed_prefersUntried() {
    ServerSelector servers = servers(7, zone("own", 3));
    failNext(servers, START_NS);
    failNext(servers, after(200));

    String third = failNext(servers, after(1_000));

    assertThat(third).isEqualTo(hosts(servers).get(2));
  }

  @Test
  void next_failuresInARow_waitLongerUpToTheBound() {
    ServerSelector servers = servers(7, zone("own", 1));
    List<Long> waitsMs = new ArrayList<>();
    long nowNs = START_NS;

    for (int failure = 0; failure < 6; failure++) {
      failNext(servers, nowNs);
      long waitNs = servers.nextWaitNs(nowNs, null);
      waitsMs.add(TimeUnit.NANOSECONDS.toMillis(waitNs));
      nowNs += waitNs;
    }

    assertThat(waitsMs.get(0)).isBetween(50L, 100L);
    assertThat(waitsMs.get(1)).isBetween(100L, 200L);
    assertThat(waitsMs.subList(2, 6)).allSatisfy(ms -> assertThat(ms).isBetween(200L, 400L));
  }

  @Test
  void succeeded_clearsFailures() {
    ServerSelector servers = servers(7, zone("own", 2));
    failNext(servers, START_NS);
    ServerHealth first = servers.inOrder().get(0);

    first.succeeded();

    assertThat(servers.next(after(100), null)).isSameAs(first);
    assertThat(first.failuresInRow()).isZero();
  }

  @Test
  void next_exceptTheOneInUse_isAnother() {
    ServerSelector servers = servers(7, zone("own", 1));

    assertThat(servers.next(START_NS, servers.inOrder().get(0))).isNull();
    assertThat(servers.nextWaitNs(START_NS, servers.inOrder().get(0)))
        .isEqualTo(ServerSelector.NEVER);
  }

  @Test
  void better_failedServer_waitsHalfToFullReturnDelay() {
    ServerSelector servers = servers(7, zone("own", 1), zone("far", 1));
    ServerHealth far = servers.inOrder().get(1);
    servers.inOrder().get(0).lost("gone", START_NS);

    assertThat(servers.better(after(RETURN_MS / 2 - 1), far)).isNull();
    assertThat(servers.better(after(RETURN_MS), far)).isSameAs(servers.inOrder().get(0));
    assertThat(servers.betterWaitNs(after(RETURN_MS), far)).isZero();
  }

  @Test
  void better_manyClients_doNotReturnTogether() {
    Set<Long> waits = new HashSet<>();

    for (long seed = 0; seed < 100; seed++) {
      ServerSelector servers = servers(seed, zone("own", 1), zone("far", 1));
      servers.inOrder().get(0).lost("gone", START_NS);
      waits.add(TimeUnit.NANOSECONDS.toMillis(
          servers.betterWaitNs(START_NS, servers.inOrder().get(1))));
    }

    assertThat(waits).hasSizeGreaterThan(50);
  }

  @Test
  void better_unresponsiveServer_waitsLongerEachTime() {
    ServerSelector servers = servers(7, zone("own", 1), zone("far", 1));
    ServerHealth own = servers.inOrder().get(0);
    ServerHealth far = servers.inOrder().get(1);

    own.lost("silent", START_NS);
    own.lost("silent", START_NS);
    own.lost("silent", START_NS);

    assertThat(servers.better(after(2 * RETURN_MS - 1), far)).isNull();
    assertThat(servers.better(after(4 * RETURN_MS), far)).isSameAs(own);
  }

  @Test
  void better_sameZone_isNone() {
    ServerSelector servers = servers(7, zone("own", 2));
    servers.inOrder().get(0).lost("gone", START_NS);

    assertThat(servers.better(after(3_600_000), servers.inOrder().get(1))).isNull();
    assertThat(servers.betterWaitNs(START_NS, servers.inOrder().get(1)))
        .isEqualTo(ServerSelector.NEVER);
  }

  @Test
  void better_returnDelayOfZero_neverReturns() {
    HealthSettings never = new HealthSettings(3, 3, 100, 400, 0, 60_000);
    ServerSelector servers =
        new ServerSelector(List.of(zone("own", 1), zone("far", 1)), never, new SplittableRandom(7));

    assertThat(servers.better(after(3_600_000), servers.inOrder().get(1))).isNull();
  }

  private static List<ServerAddress> members(String... hosts) {
    return Stream.of(hosts)
        .map(host -> ServerAddress.of(URI.create("http://" + host + "/v2")))
        .toList();
  }

  @Test
  void learn_members_followConfiguredServersInRandomOrder() {
    Set<List<String>> orders = new HashSet<>();

    for (long seed = 0; seed < 200; seed++) {
      ServerSelector servers = servers(seed, zone("own", 1), zone("far", 1));
      servers.learn(members("m0", "m1"), server -> false);
      servers.learn(members("m0", "m1", "m2"), server -> false);
      orders.add(hosts(servers));
    }

    assertThat(orders).hasSize(6).allSatisfy(order -> {
      assertThat(order).startsWith("own0", "far0");
      assertThat(order.subList(2, 5)).containsExactlyInAnyOrder("m0", "m1", "m2");
    });
  }

  @Test
  void learn_otherMembers_replacesThoseBeforeButNoConfiguredServer() {
    ServerSelector servers = servers(7, zone("own", 1));
    servers.learn(members("m0", "m1"), server -> false);
    ServerHealth kept = health(servers, "m1");
    kept.unreachable("refused", START_NS);

    boolean isChanged = servers.learn(members("m1", "m2"), server -> false);

    assertThat(isChanged).isTrue();
    assertThat(hosts(servers)).startsWith("own0").containsExactlyInAnyOrder("own0", "m1", "m2");
    assertThat(health(servers, "m1")).isSameAs(kept);
    assertThat(servers.learn(members("m2", "m1"), server -> false)).isFalse();
    assertThat(servers.learn(List.of(), server -> false)).isTrue();
    assertThat(hosts(servers)).containsExactly("own0");
  }

  @Test
  void learn_memberInUseIsNotListed_staysUntilItIsLeft() {
    ServerSelector servers = servers(7, zone("own", 1));
    servers.learn(members("m0"), server -> false);
    ServerHealth inUse = health(servers, "m0");

    servers.learn(members("m1"), server -> server == inUse);

    assertThat(hosts(servers)).startsWith("own0").containsExactlyInAnyOrder("own0", "m0", "m1");
    servers.learn(members("m1"), server -> false);
    assertThat(hosts(servers)).containsExactly("own0", "m1");
  }

  @Test
  void better_learnedMemberInUse_returnsToConfiguredServer() {
    ServerSelector servers = servers(7, zone("own", 1), zone("far", 1));
    servers.learn(members("m0"), server -> false);
    servers.inOrder().get(0).lost("gone", START_NS);

    assertThat(servers.better(START_NS, health(servers, "m0"))).isSameAs(health(servers, "far0"));
  }

  private static ServerHealth health(ServerSelector servers, String host) {
    return servers.inOrder().stream()
        .filter(server -> server.address().host().equals(host))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void pauseRequested_aboveMaximum_isLimited() {
    ServerHealth server = servers(7, zone("own", 1)).inOrder().get(0);

    server.pauseRequested(3_600_000, "busy", START_NS);

    assertThat(server.isReady(after(59_999))).isFalse();
    assertThat(server.isReady(after(60_000))).isTrue();
  }

  @Test
  void pauseRequested_shorterThanBefore_doesNotShortenTheWait() {
    ServerHealth server = servers(7, zone("own", 1)).inOrder().get(0);
    server.pauseRequested(5_000, "busy", START_NS);

    server.pauseRequested(1_000, "busy", START_NS);

    assertThat(server.isReady(after(4_999))).isFalse();
  }

  @Test
  void refused_limitReached_returnsTrueOnce() {
    ServerHealth server = servers(7, zone("own", 1)).inOrder().get(0);
    server.refused("503");
    server.refused("503");
    server.succeeded();

    List<Boolean> reported =
        Stream.generate(() -> server.refused("503")).limit(4).toList();

    assertThat(reported).containsExactly(false, false, true, false);
    assertThat(server.isOverloaded()).isTrue();
  }

  @Test
  void overdue_limitReached_returnsTrue() {
    ServerHealth server = servers(7, zone("own", 1)).inOrder().get(0);
    server.overdue();
    server.succeeded();

    List<Boolean> reported = Stream.generate(server::overdue).limit(3).toList();

    assertThat(reported).containsExactly(false, false, true);
  }
}
