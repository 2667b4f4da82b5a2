// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.systole.client.heartbeat.Sessions;
import io.systole.client.net.HostLookup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NameResolutionTest {
  private static final String HOST = "registry.example";
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final int INSTANCES = 10;

  private final FakeRegistry registry = new FakeRegistry();
  private final CountingListener seen = new CountingListener();
  private final AtomicInteger lookups = new AtomicInteger();
  private final CountDownLatch hung = new CountDownLatch(1);
  private HeartbeatClient client = new ClientBuilder().server(registry.url()).build();

  NameResolutionTest() throws IOException {}

  private void start(HostLookup lookup, ClientBuilder options) {
    client.close();
    client = options
        .connections(2)
        .interval(Duration.ofMillis(20))
        .reconnectDelay(Duration.ofMillis(1), Duration.ofMillis(20))
        .connectTimeout(Duration.ofMillis(300))
        .cancelOnClose(false)
        .observers(() -> seen)
        .hostLookup(host -> {
          lookups.incrementAndGet();
          return lookup.addresses(host);
        })
        .build();
  }

  private URI named() {
    return URI.create("http://" + HOST + ":" + registry.url().getPort() + "/v2");
  }

  private static InetAddress address(int last) throws UnknownHostException {
    return InetAddress.getByAddress(HOST, new byte[] {127, 0, 0, (byte) last});
  }

  private InetAddress[] hang() {
    try {
      hung.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return new InetAddress[0];
  }

  private void registerAll() {
    CompletableFuture<?>[] all = IntStream.range(0, INSTANCES)
        .mapToObj(index -> client.register(Sessions.source("A", "i" + index)).whenRegistered())
        .toArray(CompletableFuture[]::new);
    assertThat(CompletableFuture.allOf(all)).succeedsWithin(SOON);
  }

  private void awaitRenewals(int count) {
    int before = seen.count(200);
    await().atMost(SOON).until(() -> seen.count(200) >= before + count);
  }

  @AfterEach
  void stop() throws IOException {
    hung.countDown();
    client.close();
    registry.close();
  }

  /** A name server that hangs for one zone must not delay heartbeats to another. */
  @Test
  void lookup_ofAnotherZoneHangs_heartbeatsContinue() {
    start(
        host -> hang(),
        new ClientBuilder()
            .zone("own", List.of(named()))
            .zone("far", List.of(registry.url()))
            .returnDelay(Duration.ofMillis(1)));

    registerAll();

    awaitRenewals(20 * INSTANCES);
    assertThat(lookups).hasValue(1);
    assertThat(client.state().join().servers().get(0).lastLoss())
        .isEqualTo("lookup of " + HOST + " exceeds connectTimeoutMs=300");
  }

  @Test
  void connect_firstAddressDead_triesNext() {
    start(
        host -> new InetAddress[] {address(2), address(3), address(1)},
        new ClientBuilder().server(named()));

    registerAll();

    awaitRenewals(INSTANCES);
  }

  @Test
  void connect_nameUnknownAtFirst_isResolvedAgain() {
    start(
        host -> {
          if (lookups.get() < 3) {
            throw new UnknownHostException(host);
          }
          return new InetAddress[] {address(1)};
        },
        new ClientBuilder().server(named()));

    registerAll();

    assertThat(lookups.get()).isGreaterThanOrEqualTo(3);
  }

  @Test
  void connectionAgeMax_set_resolvesAgainWithoutLostHeartbeat() {
    start(
        host -> new InetAddress[] {address(1)},
        new ClientBuilder()
            .server(named())
            .responseTimeout(Duration.ofMillis(400))
            .connectionAgeMax(Duration.ofMillis(50)));
    registerAll();
    int before = lookups.get();

    await().atMost(SOON).until(() -> lookups.get() >= before + 5);

    awaitRenewals(5 * INSTANCES);
    client.pace(SendMode.REST);
    await().atMost(SOON).until(() -> {
      ClientState state = client.state().join();
      return state.inFlight() == 0 && state.beatsWaiting() == 0;
    });
    assertThat(seen.count("CONNECTION_LOST")).isZero();
    assertThat(seen.due.get()).isEqualTo(seen.ended.get());
  }
}
