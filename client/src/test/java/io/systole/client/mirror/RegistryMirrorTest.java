// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import static io.systole.client.mirror.MirrorFixture.assertHolds;
import static io.systole.client.mirror.MirrorFixture.refresh;
import static io.systole.client.mirror.MirrorFixture.until;
import static io.systole.client.mirror.ModelRegistry.instance;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A mirror of stock servers. */
@Timeout(60)
class RegistryMirrorTest {
  private final MirrorFixture fixture = new MirrorFixture();
  private final ModelRegistry registry = new ModelRegistry(false);

  @AfterEach
  void close() throws IOException {
    fixture.close();
  }

  @Test
  void start_instances_areFoundByEveryLookup() throws IOException {
    registry.register("ORDERS", "b", "a");
    registry.register(instance("PAYMENTS", "c").toBuilder()
        .vipAddress("pay,Cash")
        .secureVipAddress("pay-s")
        .status(InstanceStatus.DOWN)
        .build());
    FakeApps server = fixture.server(registry);

    RegistryMirror mirror = fixture.ready(fixture.builder(server));

    assertHolds(mirror.snapshot(), registry.instances());
    assertThat(mirror.applications()).containsExactly("ORDERS", "PAYMENTS");
    assertThat(mirror.instances("orders")).extracting(InstanceInfo::id).containsExactly("a", "b");
    assertThat(mirror.up("payments")).isEmpty();
    assertThat(mirror.vip("cash")).extracting(InstanceInfo::id).containsExactly("c");
    assertThat(mirror.vip("CASH", RegistrySnapshot.UP)).isEmpty();
    assertThat(mirror.vip("pay,Cash")).isEmpty();
    assertThat(mirror.secureVip("PAY-S")).extracting(InstanceInfo::id).containsExactly("c");
    assertThat(mirror.instance("Orders", "A")).isNull();
    assertThat(mirror.size()).isEqualTo(3);
    assertThat(mirror.snapshot().appsHashCode()).isEqualTo("DOWN_1_UP_2_");
    assertThat(mirror.state().server()).isEqualTo(server.url().resolve("/v2"));
  }

  @Test
  void refresh_stockServer_usesDeltasOnly() throws IOException {
    registry.register("A", "1", "2", "3");
    FakeApps server = fixture.server(registry);
    RegistryMirror mirror = fixture.ready(fixture.builder(server));
    registry.register("A", "4");
    registry.status("A", "1", InstanceStatus.OUT_OF_SERVICE);
    registry.cancel("A", "2");

    refresh(mirror);

    assertHolds(mirror.snapshot(), registry.instances());
    assertThat(server.fulls()).hasSize(1);
    assertThat(server.deltas()).hasSize(1);
    assertThat(server.streams()).isEmpty();
    assertThat(server.requests().get(0).header("accept-encoding")).isEqualTo("gzip");
  }

  /** Removals must also clean the secure index. */
  @Test
  void refresh_removalsAndVipChanges_cleanIndexes() throws IOException {
    for (String id : List.of("1", "2")) {
      registry.register(instance("A", id).toBuilder()
          .vipAddress("v,w")
          .secureVipAddress("s,t")
          .build());
    }
    FakeApps server = fixture.server(registry);
    RegistryMirror mirror = fixture.ready(fixture.builder(server));
    registry.cancel("A", "1");
    registry.register(
        instance("A", "2").toBuilder().vipAddress("w,x").secureVipAddress("t,u").build());

    refresh(mirror);

    assertThat(server.deltas()).hasSize(1);
    assertThat(mirror.secureVip("s")).isEmpty();
    assertThat(mirror.secureVip("t")).extracting(InstanceInfo::id).containsExactly("2");
    assertThat(mirror.secureVip("u")).extracting(InstanceInfo::id).containsExactly("2");
    assertThat(mirror.vip("v")).isEmpty();
    assertHolds(mirror.snapshot(), registry.instances());
  }

  @Test
  void timer_elapsed_startsRound() throws IOException {
    registry.register("A", "1");
    RegistryMirror mirror =
        fixture.ready(fixture.builder(fixture.server(registry)).interval(Duration.ofMillis(1)));

    registry.register("A", "2");

    until(() -> mirror.size() == 2);
  }

  @Test
  void delta_incomplete_isDetectedByHashCode() throws IOException {
    registry.register("A", "1", "2", "3", "4", "5", "6", "7");
    FakeApps server = fixture.server(registry);
    RegistryMirror mirror = fixture.ready(fixture.builder(server));
    registry.cancel("A", "2");
    registry.discardChanges();

    refresh(mirror);

    assertHolds(mirror.snapshot(), registry.instances());
    assertThat(mirror.state().mismatchCount()).isEqualTo(1);
    assertThat(server.fulls()).hasSize(2);
  }

  @Test
  void delta_wrongHashCode_limitsFullFetches() throws IOException {
    registry.register("A", "1");
    registry.wrongHash("UP_7_");
    FakeApps server = fixture.server(registry);
    RegistryMirror mirror =
        fixture.ready(fixture.builder(server).interval(Duration.ofSeconds(100)));

    for (int round = 0; round < 10; round++) {
      registry.register("A", "new-" + round);
      refresh(mirror);
    }

    assertHolds(mirror.snapshot(), registry.instances());
    assertThat(server.fulls()).hasSize(2);
    fixture.clock.passMs(100_000);
    refresh(mirror);
    assertThat(server.fulls()).hasSize(3);
  }

  @Test
  void delta_tooOld_fetchesFull() throws IOException {
    registry.register("A", "1", "2", "3", "4", "5", "6", "7");
    FakeApps server = fixture.server(registry);
    RegistryMirror mirror = fixture.ready(fixture.builder(server));
    // The hash code does not change.
    registry.cancel("A", "1");
    registry.register("A", "8");
    registry.discardChanges();
    fixture.clock.passMs(200_000);

    refresh(mirror);

    assertHolds(mirror.snapshot(), registry.instances());
    assertThat(server.deltas()).isEmpty();
  }

  @Test
  void delta_refused_fetchesFullForAWhile() throws IOException {
    registry.register("A", "1");
    FakeApps server = fixture.server((request, out) -> {
      if (request.isDelta()) {
        FakeApps.send(out, 403, new byte[0]);
      } else if ("\"v1\"".equals(request.header("if-none-match"))) {
        FakeApps.send(out, 304, new byte[0]);
      } else {
        FakeApps.send(out, 200, full(), "ETag: \"v1\"");
      }
      return true;
    });
    RegistryMirror mirror = fixture.ready(fixture.builder(server));

    for (int round = 0; round < 12; round++) {
      refresh(mirror);
    }

    assertThat(server.deltas()).hasSize(2);
    assertThat(server.fulls()).hasSize(13);
    assertThat(mirror.state().unchangedCount()).isEqualTo(12);
    assertThat(mirror.state().fullCount()).isEqualTo(1);
  }

  @Test
  void delta_withTag_isNotSentTwice() throws IOException {
    registry.register("A", "1");
    FakeApps server = fixture.server((request, out) -> {
      if ("\"d1\"".equals(request.header("if-none-match"))) {
        FakeApps.send(out, 304, new byte[0]);
      } else {
        FakeApps.send(out, 200, full(), request.isDelta() ? "ETag: \"d1\"" : "X: y");
      }
      return true;
    });
    RegistryMirror mirror = fixture.ready(fixture.builder(server));

    refresh(mirror);
    fixture.clock.passMs(100_000);
    refresh(mirror);

    assertThat(mirror.state().deltaCount()).isEqualTo(1);
    assertThat(mirror.state().unchangedCount()).isEqualTo(1);
    assertThat(mirror.ageMs()).isZero();
  }

  @Test
  void servers_allDown_keepSnapshot() throws Exception {
    registry.register("A", "1");
    FakeApps server = fixture.server(registry);
    RegistryMirror mirror =
        fixture.ready(fixture.builder(server).staleAfter(Duration.ofSeconds(1)));
    server.close();

    fixture.clock.passMs(1_000);
    refresh(mirror);

    assertHolds(mirror.snapshot(), registry.instances());
    assertThat(mirror.isStale()).isFalse();
    fixture.clock.passMs(1);
    assertThat(mirror.isStale()).isTrue();
    assertThat(mirror.ageMs()).isEqualTo(1_001);
    assertThat(mirror.state().failureCount()).isEqualTo(1);
  }

  @Test
  void server_fails_nextIsUsed() throws Exception {
    registry.register("A", "1");
    FakeApps first = fixture.server(registry);
    ModelRegistry other = new ModelRegistry(false);
    other.register("A", "1", "2");
    FakeApps second = fixture.server(other);
    RegistryMirror mirror = fixture.ready(fixture.builder(first, second));
    first.close();

    refresh(mirror);

    assertHolds(mirror.snapshot(), other.instances());
    assertThat(second.deltas()).isEmpty();
  }

  @Test
  void server_retryAfter_isHonored() throws IOException {
    FakeApps server = fixture.server((request, out) -> {
      FakeApps.send(out, 503, new byte[0], "Retry-After: 20");
      return true;
    });
    RegistryMirror mirror = fixture.build(fixture.builder(server));

    refresh(mirror);
    refresh(mirror);
    fixture.clock.passMs(19_999);
    refresh(mirror);

    assertThat(server.requests()).hasSize(1);
    fixture.clock.passMs(1);
    refresh(mirror);
    assertThat(server.requests()).hasSize(2);
  }

  @Test
  void credentials_areSentAsBasicAuthentication() throws IOException {
    FakeApps server = fixture.server(registry);
    URI plain = server.url();
    URI url = URI.create("http://joe:p%40ss@127.0.0.1:" + plain.getPort() + "/v2");

    RegistryMirror mirror = fixture.ready(fixture.builder().server(url));

    assertThat(server.requests().get(0).header("authorization")).isEqualTo("Basic am9lOnBAc3M=");
    assertThat(mirror.state().server()).isEqualTo(plain.resolve("/v2"));
  }

  @Test
  void listener_receivesEachChangeOnceAndMayThrow() throws IOException {
    registry.register("A", "1", "2", "3", "4", "5", "6", "7");
    FakeApps server = fixture.server(registry);
    List<String> reported = new ArrayList<>();
    RegistryMirror mirror = fixture.ready(fixture.builder(server).listener((app, before, after) -> {
      reported.add(app + ":" + id(before) + ">" + id(after));
      throw new IllegalStateException("thrown by a test");
    }));
    assertThat(reported).hasSize(7);
    reported.clear();

    registry.status("A", "1", InstanceStatus.DOWN);
    registry.cancel("A", "2");
    registry.register("B", "8");
    refresh(mirror);
    registry.wrongHash("");
    refresh(mirror);

    assertThat(server.fulls()).hasSize(2);
    assertThat(reported).containsExactlyInAnyOrder("A:1>1", "A:2>-", "B:->8");
    assertThat(mirror.state().listenerFailureCount()).isEqualTo(10);
  }

  /** A wrong base URL must not leave the caller waiting. */
  @Test
  void whenReady_notARegistry_failsWithReason() throws IOException {
    FakeApps server = fixture.server((request, out) -> {
      FakeApps.send(out, 404, new byte[0]);
      return true;
    });
    FakeApps page = fixture.server((request, out) -> {
      FakeApps.send(out, 200, "<html>Welcome</html>".getBytes(UTF_8));
      return true;
    });
    MirrorBuilder builder = fixture.builder(server, page);

    CompletableFuture<Void> ready = awaitedFrom(builder);

    assertThatThrownBy(() -> ready.get(20, TimeUnit.SECONDS))
        .hasCauseInstanceOf(IOException.class)
        .hasMessageContaining("no server is a registry: " + server.url() + "apps: status 404; ")
        .hasMessageContaining(page.url() + "apps: ");
  }

  @Test
  void whenReady_registryStartsLater_completes() throws IOException {
    registry.register("A", "1");
    FakeApps server = fixture.server((request, out) -> {
      FakeApps.send(out, 404, new byte[0]);
      return true;
    });
    RegistryMirror mirror = fixture.build(fixture.builder(server));
    refresh(mirror);
    CompletableFuture<Void> ready = mirror.whenReady();
    assertThat(ready).isNotDone();

    server.script(registry);
    refresh(mirror);

    assertThat(ready).isCompleted();
    assertHolds(mirror.snapshot(), registry.instances());
  }

  @Test
  void whenReady_oneServerDownOneNoRegistry_waits() throws IOException {
    FakeApps none = fixture.server((request, out) -> {
      FakeApps.send(out, 404, new byte[0]);
      return true;
    });
    FakeApps down = fixture.server(registry);
    down.close();
    RegistryMirror mirror = fixture.build(fixture.builder(none, down));
    CompletableFuture<Void> ready = mirror.whenReady();

    refresh(mirror);

    assertThat(ready).isNotDone();
  }

  /** Another round follows, whether the first one fails before or after the call. */
  private CompletableFuture<Void> awaitedFrom(MirrorBuilder builder) {
    RegistryMirror mirror = fixture.build(builder);
    CompletableFuture<Void> ready = mirror.whenReady();
    refresh(mirror);
    return ready;
  }

  @Test
  void close_beforeFirstSnapshot_failsFuture() throws IOException {
    FakeApps server = fixture.server((request, out) -> true);
    RegistryMirror mirror = fixture.build(fixture.builder(server));
    CompletableFuture<Void> ready = mirror.whenReady();
    until(() -> !server.requests().isEmpty());

    mirror.close();
    mirror.close();

    assertThatThrownBy(() -> ready.get(20, TimeUnit.SECONDS))
        .hasCauseInstanceOf(CancellationException.class);
    until(() -> server.connectionCount() == 0);
    assertThat(mirror.size()).isZero();
  }

  private byte[] full() {
    return ModelRegistry.document(registry.instances(), registry.hash());
  }

  private static String id(@Nullable InstanceInfo instance) {
    return instance == null ? "-" : instance.id();
  }
}
