// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.systole.protocol.codec.Codec;
import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.codec.XmlCodec;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.server.registry.Instances;
import io.systole.server.registry.LeaseKey.LookupKey;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.responsecache.ApplicationBlocks.InstanceBlock;
import io.systole.server.responsecache.CacheKey.CacheScope;
import io.systole.server.time.ManualClock;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ResponseCacheTest {
  private static final CacheKey FULL = CacheKey.of(CacheScope.FULL, DocumentFormat.JSON, Form.FULL);
  private static final CacheKey DELTA =
      CacheKey.of(CacheScope.DELTA, DocumentFormat.JSON, Form.FULL);
  private static final long RETENTION_MS = 180_000;

  private final ManualClock clock = new ManualClock();
  private final Registry registry =
      new Registry(new RegistrySettings(10_000, true, RETENTION_MS, 10_000), clock);
  private final long atStart = registry.version();
  private final ResponseCache cache = new ResponseCache(registry, clock);

  @AfterEach
  void end() {
    cache.close();
  }

  @ParameterizedTest
  @EnumSource(CacheScope.class)
  void request_nothingChanged_completesAtOnce(CacheScope scope) {
    CacheKey key = new CacheKey(scope, name(scope), DocumentFormat.XML, Form.COMPACT);
    register("DEMO", "i-1");
    CachedRepresentation first = RepresentationFuture.get(cache, key);
    registry.renew(
        LookupKey.of(Instances.up("DEMO", "i-1", 90).key()),
        clock.monotonicNs(),
        Registry.NO_TIMESTAMP,
        Origin.CLIENT);

    RepresentationFuture second = new RepresentationFuture();
    cache.request(key, second);

    assertThat(second.isDone()).isTrue();
    assertThat(second.await()).containsSame(first);
    assertThat(cache.currentTag(key)).isEqualTo(first.tag());
  }

  @ParameterizedTest
  @EnumSource(CacheScope.class)
  void request_afterAChange_showsIt(CacheScope scope) {
    CacheKey key = new CacheKey(scope, name(scope), DocumentFormat.JSON, Form.FULL);
    register("DEMO", "i-1");
    CachedRepresentation before = RepresentationFuture.get(cache, key);

    register("DEMO", "i-2");
    CachedRepresentation after = RepresentationFuture.get(cache, key);

    assertThat(new String(Bytes.plain(after), UTF_8)).contains("\"i-2\"");
    assertThat(new String(Bytes.plain(before), UTF_8)).doesNotContain("\"i-2\"");
    assertThat(after.tag()).isNotEqualTo(before.tag());
    assertThat(after.version()).isEqualTo(cache.version());
  }

  @ParameterizedTest
  @EnumSource(
      value = CacheScope.class,
      names = {"APPLICATION", "VIP", "SECURE_VIP"})
  void request_somethingElseChanged_isTheSame(CacheScope scope) {
    CacheKey key = new CacheKey(scope, name(scope), DocumentFormat.JSON, Form.FULL);
    register("DEMO", "i-1");
    CachedRepresentation before = RepresentationFuture.get(cache, key);

    register("OTHER", "i-2");

    assertThat(RepresentationFuture.get(cache, key)).isSameAs(before);
  }

  @Test
  void request_full_doesNotExpire() {
    CachedRepresentation before = RepresentationFuture.get(cache, FULL);

    clock.advanceMs(10 * RETENTION_MS);

    assertThat(Bytes.plain(RepresentationFuture.get(cache, FULL))).isEqualTo(Bytes.plain(before));
    assertThat(RepresentationFuture.get(cache, FULL).tag()).isEqualTo(before.tag());
  }

  @Test
  void request_deltaPastRetention_omitsTheChange() throws Exception {
    register("DEMO", "i-1");
    CachedRepresentation before = RepresentationFuture.get(cache, DELTA);
    assertThat(decoded(before).applications()).hasSize(1);
    clock.advanceMs(RETENTION_MS);
    assertThat(RepresentationFuture.get(cache, DELTA)).isSameAs(before);

    clock.advanceMs(1);

    assertThat(decoded(RepresentationFuture.get(cache, DELTA)).applications()).isEmpty();
    assertThat(decoded(RepresentationFuture.get(cache, DELTA)).appsHashCode()).isEqualTo("UP_1_");
    assertThat(RepresentationFuture.get(cache, DELTA).tag()).isNotEqualTo(before.tag());
  }

  @Test
  void request_versions_areOneInFullAndGrowInDeltas() throws Exception {
    long last = Long.parseLong(decoded(RepresentationFuture.get(cache, DELTA)).version());
    for (int i = 0; i < 3; i++) {
      register("DEMO", "i-" + i);
      long version =
          Long.parseLong(decoded(RepresentationFuture.get(cache, DELTA)).version());
      assertThat(version).isGreaterThan(last).isNotEqualTo(-1);
      last = version;
      assertThat(decoded(RepresentationFuture.get(cache, FULL)).version()).isEqualTo("1");
    }
  }

  @Test
  void request_noSuchApplication_isAbsentEachTime() {
    CacheKey key = new CacheKey(CacheScope.APPLICATION, "NONE", DocumentFormat.JSON, Form.FULL);
    RepresentationFuture before = new RepresentationFuture();
    cache.request(key, before);
    assertThat(before.await()).isEmpty();

    register("NONE", "i");

    assertThat(RepresentationFuture.get(cache, key).plainLength()).isPositive();
    registry.cancel(new InstanceKey("NONE", "i"), Origin.CLIENT);
    RepresentationFuture after = new RepresentationFuture();
    cache.request(key, after);
    assertThat(after.await()).isEmpty();
  }

  @Test
  void request_unknownVip_isEmptyAndNotCached() {
    CacheKey key = new CacheKey(CacheScope.VIP, "nope", DocumentFormat.JSON, Form.FULL);

    CachedRepresentation representation = RepresentationFuture.get(cache, key);

    assertThat(new String(Bytes.plain(representation), UTF_8)).contains("\"application\":[]");
    assertThat(cache.currentTag(key)).isNull();
  }

  @Test
  void request_moreNamesThanAreKept_dropsTheLeastRecentlyRequested() {
    int names = RepresentationCache.NAMED_MAX + 1;
    for (int i = 0; i < names; i++) {
      register("APP" + i, "i");
    }

    for (int i = 0; i < names; i++) {
      clock.advanceMs(1);
      RepresentationFuture.get(cache, application("APP" + i));
      RepresentationFuture.get(cache, application("APP0"));
    }

    assertThat(cache.currentTag(application("APP0"))).isNotNull();
    assertThat(cache.currentTag(application("APP1"))).isNull();
    assertThat(cache.currentTag(application("APP2"))).isNotNull();
  }

  @Test
  void request_whileTheThreadIsBusy_isEncodedOnceForAllRequests() throws Exception {
    register("DEMO", "i-1");
    CountDownLatch release = new CountDownLatch(1);
    keepBusyUntil(release);

    List<RepresentationFuture> futures = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      RepresentationFuture future = new RepresentationFuture();
      cache.request(FULL, future);
      futures.add(future);
    }
    register("DEMO", "i-2");
    assertThat(futures).noneMatch(RepresentationFuture::isDone);
    release.countDown();

    CachedRepresentation first = futures.get(0).await().orElseThrow();
    assertThat(new String(Bytes.plain(first), UTF_8)).contains("\"i-2\"");
    for (RepresentationFuture future : futures) {
      assertThat(future.await()).containsSame(first);
    }
  }

  private void keepBusyUntil(CountDownLatch release) throws Exception {
    CountDownLatch isBusy = new CountDownLatch(1);
    Consumer<ReadSnapshot> callback = snapshot -> {
      isBusy.countDown();
      awaitQuietly(release);
    };
    cache.snapshot(CacheScope.FULL, "", callback, cause -> {});
    assertThat(isBusy.await(20, TimeUnit.SECONDS)).isTrue();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void request_callbackThatThrows_doesNotAffectOthers() {
    cache.request(FULL, new RepresentationCallback() {
      @Override
      public void completed(CachedRepresentation representation) {
        throw new IllegalStateException("callback failed");
      }

      @Override
      public void absent() {}

      @Override
      public void failed(Throwable cause) {}
    });

    assertThat(RepresentationFuture.get(cache, DELTA).plainLength()).isPositive();
    // Requests of one round may be completed in any order.
    await().atMost(Duration.ofSeconds(20)).until(() -> cache.failures() == 1);
  }

  @Test
  void request_encodingFails_failsTheRequestAndIsCounted() {
    Codec broken = withInstances(() -> {
      throw new IllegalStateException("can't write it");
    });
    try (ResponseCache failing = new ResponseCache(
        registry, clock, Map.of(DocumentFormat.JSON, broken, DocumentFormat.XML, new XmlCodec()))) {
      register("DEMO", "i-1");
      RepresentationFuture future = new RepresentationFuture();

      failing.request(FULL, future);

      assertThatThrownBy(future::await).hasRootCauseMessage("can't write it");
      assertThat(failing.failures()).isEqualTo(1);
      CacheKey inXml = CacheKey.of(CacheScope.FULL, DocumentFormat.XML, Form.FULL);
      assertThat(RepresentationFuture.get(failing, inXml).plainLength()).isPositive();
    }
  }

  @Test
  void request_encodingNotRequestedForLong_hasDiscardedItsSegments() {
    AtomicInteger encoded = new AtomicInteger();
    Codec counting = withInstances(encoded::incrementAndGet);
    try (ResponseCache counted = new ResponseCache(
        registry,
        clock,
        Map.of(DocumentFormat.JSON, counting, DocumentFormat.XML, new XmlCodec()))) {
      register("DEMO", "i-1");
      RepresentationFuture.get(counted, FULL);
      RepresentationFuture.get(counted, application("DEMO"));
      assertThat(encoded).hasValue(1);

      clock.advanceNs(ResponseCache.UNUSED_NS + 1);
      RepresentationFuture.get(
          counted, CacheKey.of(CacheScope.FULL, DocumentFormat.XML, Form.FULL));
      // Waits for a later round.
      RepresentationFuture.snapshot(counted, CacheScope.FULL, "");

      assertThat(counted.currentTag(application("DEMO"))).isNull();
      RepresentationFuture.get(counted, FULL);
      assertThat(encoded).hasValue(2);
    }
  }

  @Test
  void request_largeDocument_doesNotDelayOthers() throws Exception {
    int blocks = 50;
    for (int i = 0; i < blocks * InstanceBlock.INSTANCES_MAX; i++) {
      register("DEMO", "i-" + i);
    }
    AtomicInteger encoded = new AtomicInteger();
    CountDownLatch isStarted = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    Codec slow = withInstances(() -> {
      // Four of them take a time slice.
      clock.advanceNs(ResponseCache.TIME_SLICE_NS / 4);
      if (encoded.incrementAndGet() == 1) {
        isStarted.countDown();
        awaitQuietly(release);
      }
    });
    try (ResponseCache slowly = new ResponseCache(
        registry, clock, Map.of(DocumentFormat.JSON, slow, DocumentFormat.XML, new XmlCodec()))) {
      RepresentationFuture first = new RepresentationFuture();
      RepresentationFuture second = new RepresentationFuture();
      slowly.request(FULL, first);
      assertThat(isStarted.await(20, TimeUnit.SECONDS)).isTrue();

      slowly.request(FULL, second);
      CompletableFuture<Integer> encodedMeanwhile = new CompletableFuture<>();
      slowly.applicationNames(
          names -> {
            encodedMeanwhile.complete(encoded.get());
            register("DEMO", "i-late");
          },
          encodedMeanwhile::completeExceptionally);
      release.countDown();

      assertThat(encodedMeanwhile.orTimeout(20, TimeUnit.SECONDS).join()).isEqualTo(4);
      CachedRepresentation representation = first.await().orElseThrow();
      assertThat(second.await()).containsSame(representation);
      assertThat(new String(Bytes.plain(representation), UTF_8)).contains("\"i-0\"", "\"i-late\"");
      assertThat(encoded).hasValue(blocks + 1);
    }
  }

  /** Each is encoded anew: a part of an application, or the changes after a version. */
  @ParameterizedTest
  @EnumSource(
      value = CacheScope.class,
      names = {"VIP", "SINCE"})
  void request_manyDocumentsThatShareNoSegments_doNotDelayOthers(CacheScope scope)
      throws Exception {
    List<String> names = IntStream.range(0, 50)
        .mapToObj(i -> scope == CacheScope.VIP ? "v" + i : Long.toString(atStart + i))
        .toList();
    InstanceInfo first = Instances.up("DEMO", "i-0", 90).toBuilder()
        .vipAddress(String.join(",", names))
        .build();
    registry.register(first, Origin.CLIENT);
    for (int i = 1; i <= 10 * InstanceBlock.INSTANCES_MAX; i++) {
      register("DEMO", "i-" + i);
    }
    CountDownLatch isStarted = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    Codec slow = withInstances(() -> {
      clock.advanceNs(ResponseCache.TIME_SLICE_NS);
      isStarted.countDown();
      awaitQuietly(release);
    });
    try (ResponseCache slowly = new ResponseCache(
        registry, clock, Map.of(DocumentFormat.JSON, slow, DocumentFormat.XML, new XmlCodec()))) {
      List<RepresentationFuture> futures = new ArrayList<>();
      for (String name : names) {
        RepresentationFuture future = new RepresentationFuture();
        futures.add(future);
        slowly.request(new CacheKey(scope, name, DocumentFormat.JSON, Form.FULL), future);
        assertThat(isStarted.await(20, TimeUnit.SECONDS)).isTrue();
      }
      CompletableFuture<Long> doneBeforeFull = doneAtCompletion(slowly, FULL, futures);
      CompletableFuture<Long> doneBeforeDelta = doneAtCompletion(slowly, DELTA, futures);

      release.countDown();

      assertThat(doneBeforeDelta.orTimeout(20, TimeUnit.SECONDS).join()).isLessThan(3);
      assertThat(doneBeforeFull.orTimeout(20, TimeUnit.SECONDS).join()).isLessThan(25);
      assertThat(futures).allSatisfy(future -> assertThat(future.await()).isPresent());
    }
  }

  /** Requests a representation; returns how many of the others are done when it is encoded. */
  private static CompletableFuture<Long> doneAtCompletion(
      ResponseCache requested, CacheKey key, List<RepresentationFuture> others) {
    CompletableFuture<Long> done = new CompletableFuture<>();
    RepresentationFuture requestedLast = new RepresentationFuture();
    requestedLast.whenDone(
        () -> done.complete(others.stream().filter(RepresentationFuture::isDone).count()));
    requested.request(key, requestedLast);
    return done;
  }

  @Test
  void request_vipOfAWholeLargeApplication_doesNotDelayOthers() throws Exception {
    for (int i = 0; i < 50 * InstanceBlock.INSTANCES_MAX; i++) {
      register("DEMO", "i-" + i);
    }
    AtomicInteger encoded = new AtomicInteger();
    CountDownLatch isStarted = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    Codec slow = withInstances(() -> {
      clock.advanceNs(ResponseCache.TIME_SLICE_NS);
      encoded.incrementAndGet();
      isStarted.countDown();
      awaitQuietly(release);
    });
    try (ResponseCache slowly = new ResponseCache(
        registry, clock, Map.of(DocumentFormat.JSON, slow, DocumentFormat.XML, new XmlCodec()))) {
      RepresentationFuture future = new RepresentationFuture();
      slowly.request(
          new CacheKey(CacheScope.VIP, "vip-DEMO", DocumentFormat.JSON, Form.FULL), future);
      assertThat(isStarted.await(20, TimeUnit.SECONDS)).isTrue();

      CompletableFuture<Integer> encodedMeanwhile = new CompletableFuture<>();
      slowly.applicationNames(
          names -> encodedMeanwhile.complete(encoded.get()),
          encodedMeanwhile::completeExceptionally);
      release.countDown();

      assertThat(encodedMeanwhile.orTimeout(20, TimeUnit.SECONDS).join()).isLessThan(3);
      assertThat(decodedSize(future.await().orElseThrow()))
          .isEqualTo(50 * InstanceBlock.INSTANCES_MAX);
    }
  }

  @Test
  void request_changesOutpaceTheEncoding_completesNevertheless() {
    int blocks = 20;
    for (int i = 0; i < blocks * InstanceBlock.INSTANCES_MAX; i++) {
      register("DEMO", "i-" + i);
    }
    AtomicInteger encoded = new AtomicInteger();
    Codec outrun = withInstances(() -> {
      clock.advanceNs(ResponseCache.TIME_SLICE_NS);
      if (encoded.incrementAndGet() < 1_000) {
        register("DEMO", "i-0");
      }
    });
    try (ResponseCache slowly = new ResponseCache(
        registry, clock, Map.of(DocumentFormat.JSON, outrun, DocumentFormat.XML, new XmlCodec()))) {

      CachedRepresentation representation = RepresentationFuture.get(slowly, FULL);

      assertThat(decodedSize(representation)).isEqualTo(blocks * InstanceBlock.INSTANCES_MAX);
      assertThat(encoded).hasValueLessThan(100);
    }
  }

  private static int decodedSize(CachedRepresentation representation) {
    return new String(Bytes.plain(representation), UTF_8).split("\"instanceId\"", -1).length - 1;
  }

  @Test
  void request_encodingInProgressAtClose_fails() throws Exception {
    register("DEMO", "i-1");
    CountDownLatch isStarted = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    Codec slow = withInstances(() -> {
      clock.advanceNs(ResponseCache.TIME_SLICE_NS);
      isStarted.countDown();
      awaitQuietly(release);
    });
    for (int i = 0; i < 3 * InstanceBlock.INSTANCES_MAX; i++) {
      register("DEMO", "i-" + i);
    }
    ResponseCache slowly = new ResponseCache(
        registry, clock, Map.of(DocumentFormat.JSON, slow, DocumentFormat.XML, new XmlCodec()));
    RepresentationFuture future = new RepresentationFuture();
    slowly.request(FULL, future);
    assertThat(isStarted.await(20, TimeUnit.SECONDS)).isTrue();

    slowly.close();
    release.countDown();

    assertThatThrownBy(future::await).hasRootCauseMessage("response cache is closed");
  }

  /** Returns a JSON codec that runs an action before it encodes a block or whole document. */
  private static Codec withInstances(Runnable before) {
    return (Codec) Proxy.newProxyInstance(
        Codec.class.getClassLoader(), new Class<?>[] {Codec.class}, (proxy, method, arguments) -> {
          if (Set.of("instances", "encodeApplications").contains(method.getName())) {
            before.run();
          }
          return method.invoke(new JsonCodec(), arguments);
        });
  }

  @Test
  void request_afterClose_fails() {
    cache.close();
    RepresentationFuture future = new RepresentationFuture();

    cache.request(FULL, future);

    assertThatThrownBy(future::await).hasRootCauseMessage("response cache is closed");
  }

  @Test
  void currentTag_ofTheFullRegistry_isKnownBeforeEncoding() {
    register("DEMO", "i-1");

    String tag = cache.currentTag(FULL);

    assertThat(RepresentationFuture.get(cache, FULL).tag()).isEqualTo(tag);
    assertThat(cache.currentTag(DELTA)).isNull();
  }

  @Test
  void currentTag_formatsFormsAndRuns_differ() {
    ResponseCache other = new ResponseCache(registry, clock);
    List<@Nullable String> tags = new ArrayList<>();
    for (DocumentFormat format : DocumentFormat.values()) {
      for (Form form : Form.values()) {
        tags.add(cache.currentTag(CacheKey.of(CacheScope.FULL, format, form)));
        tags.add(other.currentTag(CacheKey.of(CacheScope.FULL, format, form)));
      }
    }
    other.close();

    assertThat(tags).doesNotHaveDuplicates().doesNotContainNull();
  }

  @Test
  void snapshot_thenAChange_isFollowedByThatChange() {
    register("DEMO", "i-1");
    register("OTHER", "i-2");
    ReadSnapshot snapshot = RepresentationFuture.snapshot(cache, CacheScope.APPLICATION, "DEMO");

    register("DEMO", "i-3");

    assertThat(snapshot.instances()).extracting(InstanceInfo::id).containsExactly("i-1");
    assertThat(snapshot.at().next()).isSameAs(registry.changes().last());
    assertThat(RepresentationFuture.snapshot(cache, CacheScope.VIP, "vip-OTHER").instances())
        .extracting(InstanceInfo::id)
        .containsExactly("i-2");
  }

  @Test
  void applicationNames_asOfNow_inOrderOfAppearance() {
    register("B", "i-1");
    register("A", "i-2");

    assertThat(RepresentationFuture.applicationNames(cache)).containsExactly("B", "A");
  }

  @Test
  void snapshot_callbackThatThrows_reportsTheFailure() {
    CompletableFuture<Throwable> reported = new CompletableFuture<>();
    Consumer<ReadSnapshot> faulty = snapshot -> {
      throw new IllegalStateException("callback failed");
    };

    cache.snapshot(CacheScope.FULL, "", faulty, reported::complete);

    assertThat(reported.orTimeout(20, TimeUnit.SECONDS).join()).hasMessage("callback failed");
    assertThat(cache.failures()).isEqualTo(1);
    assertThat(RepresentationFuture.applicationNames(cache)).isEmpty();
  }

  /** Such as requests for the instance of an id, which search all applications. */
  @Test
  void queries_many_doNotDelayRepresentations() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    keepBusyUntil(release);
    AtomicInteger executed = new AtomicInteger();
    CompletableFuture<Integer> executedBefore = new CompletableFuture<>();
    for (int i = 0; i < 50; i++) {
      cache.applicationNames(
          names -> {
            clock.advanceNs(ResponseCache.TIME_SLICE_NS);
            if (executed.incrementAndGet() == 1) {
              register("DEMO", "i-1");
              RepresentationFuture delta = new RepresentationFuture();
              cache.request(DELTA, delta);
              delta.whenDone(() -> executedBefore.complete(executed.get()));
            }
          },
          executedBefore::completeExceptionally);
    }

    release.countDown();

    assertThat(executedBefore.orTimeout(20, TimeUnit.SECONDS).join()).isLessThan(3);
    await().atMost(Duration.ofSeconds(20)).until(() -> executed.get() == 50);
  }

  @Test
  void queries_pendingAtClose_fail() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    keepBusyUntil(release);
    List<CompletableFuture<Throwable>> reported =
        List.of(new CompletableFuture<>(), new CompletableFuture<>());
    cache.snapshot(CacheScope.FULL, "", snapshot -> {}, reported.get(0)::complete);
    cache.applicationNames(names -> {}, reported.get(1)::complete);

    cache.close();
    release.countDown();

    for (CompletableFuture<Throwable> each : reported) {
      assertThat(each.orTimeout(20, TimeUnit.SECONDS).join())
          .hasMessage("response cache is closed");
    }
  }

  @Test
  void queries_afterClose_failAtOnce() {
    cache.close();
    List<Throwable> reported = new ArrayList<>();

    cache.snapshot(CacheScope.FULL, "", snapshot -> {}, reported::add);
    cache.applicationNames(names -> {}, reported::add);

    assertThat(reported).hasSize(2);
  }

  private static CacheKey application(String name) {
    return new CacheKey(CacheScope.APPLICATION, name, DocumentFormat.JSON, Form.FULL);
  }

  private String name(CacheScope scope) {
    return switch (scope) {
      case FULL, DELTA -> "";
      case SINCE -> Long.toString(atStart);
      case APPLICATION -> "DEMO";
      case VIP -> "vip-DEMO";
      case SECURE_VIP -> "secure-DEMO";
    };
  }

  private void register(String app, String id) {
    InstanceInfo instance = Instances.up(app, id, 90).toBuilder()
        .vipAddress("vip-" + app)
        .secureVipAddress("secure-" + app)
        .build();
    registry.register(instance, Origin.CLIENT);
  }

  private static Applications decoded(CachedRepresentation representation) throws Exception {
    byte[] bytes = Bytes.plain(representation);
    return new JsonCodec().decodeApplications(bytes, 0, bytes.length, 0);
  }
}
