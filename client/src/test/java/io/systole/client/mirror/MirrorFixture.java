// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.client.OverflowingClock;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * The mirrors and servers of one test, closed with it. Mirrors here send requests only on demand.
 */
final class MirrorFixture implements AutoCloseable {
  final OverflowingClock clock = new OverflowingClock();
  private final List<FakeApps> servers = new ArrayList<>();
  private final List<RegistryMirror> mirrors = new ArrayList<>();

  FakeApps server(FakeApps.Script script) throws IOException {
    FakeApps server = new FakeApps(script);
    servers.add(server);
    return server;
  }

  MirrorBuilder builder(FakeApps... servers) {
    List<URI> urls = new ArrayList<>();
    for (FakeApps server : servers) {
      urls.add(server.url());
    }
    return new MirrorBuilder()
        .servers(urls)
        .interval(Duration.ofDays(1))
        .streamCheckInterval(Duration.ofDays(1))
        .retryDelay(Duration.ofHours(1), Duration.ofHours(1))
        .memberInterval(Duration.ZERO)
        .clock(clock);
  }

  RegistryMirror ready(MirrorBuilder builder) {
    RegistryMirror mirror = build(builder);
    finish(mirror.whenReady());
    return mirror;
  }

  RegistryMirror build(MirrorBuilder builder) {
    RegistryMirror mirror = builder.build();
    mirrors.add(mirror);
    return mirror;
  }

  static void refresh(RegistryMirror mirror) {
    finish(mirror.refresh());
  }

  static void finish(CompletableFuture<Void> future) {
    assertThat(future).succeedsWithin(20, TimeUnit.SECONDS);
  }

  static void until(Callable<Boolean> isSo) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(2))
        .until(isSo);
  }

  /** Asserts that all lookups of the mirror return exactly these instances. */
  static void assertHolds(RegistrySnapshot snapshot, Collection<InstanceInfo> expected) {
    assertThat(snapshot.stream().toList()).containsExactlyElementsOf(expected);
    assertIndexed(snapshot.vips(), expected, InstanceInfo::vipAddress);
    assertIndexed(snapshot.secureVips(), expected, InstanceInfo::secureVipAddress);
    assertThat(snapshot.size()).isEqualTo(expected.size());
    assertThat(snapshot.toApplications().applications())
        .isEqualTo(ModelRegistry.applications(expected));
    for (InstanceInfo instance : expected) {
      assertThat(snapshot.instance(instance.app(), instance.id())).isEqualTo(instance);
      assertNamed(instance, instance.vipAddress(), snapshot::vip);
      assertNamed(instance, instance.secureVipAddress(), snapshot::secureVip);
    }
  }

  /**
   * Asserts that the index holds each name of each instance and nothing else, no empty name either.
   */
  private static void assertIndexed(
      Map<String, ? extends Map<InstanceKey, InstanceInfo>> index,
      Collection<InstanceInfo> expected,
      Function<InstanceInfo, @Nullable String> addresses) {
    Map<String, Set<InstanceKey>> named = new TreeMap<>();
    for (InstanceInfo instance : expected) {
      String names = addresses.apply(instance);
      for (String name : names == null ? new String[0] : names.split(",", -1)) {
        named
            .computeIfAbsent(name.toUpperCase(Locale.ROOT), any -> new HashSet<>())
            .add(instance.key());
      }
    }
    Map<String, Set<InstanceKey>> held = new TreeMap<>();
    index.forEach((name, instances) -> held.put(name, instances.keySet()));
    assertThat(held).isEqualTo(named);
  }

  private static void assertNamed(
      InstanceInfo instance,
      @Nullable String names,
      Function<String, Collection<InstanceInfo>> lookUp) {
    for (String name : names == null ? new String[0] : names.split(",", -1)) {
      assertThat(lookUp.apply(name)).contains(instance);
    }
  }

  @Override
  public void close() throws IOException {
    mirrors.forEach(RegistryMirror::close);
    for (FakeApps server : servers) {
      server.close();
    }
  }
}
